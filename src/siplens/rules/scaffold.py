"""A new rule with its fixtures, ready to be changed: it runs, and its fixtures pass."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from siplens.errors import RuleError
from siplens.rules.rule import Rule

_RULE = '''/*
id = "{id}"
title = "{title}"
severity = "medium"                # critical, high, medium, low, info
status = "experimental"            # experimental, stable, deprecated
subject = "call"                   # what one row is about: call, leg, dialog, peer, source …
meaning = """
What a failure means, what is judged, and what is not. Judged are calls that were answered."""
impact = "What people notice."
causes = ["A likely cause."]
confirm = ["siplens call CALL: what to look for."]
fix = ["What to do."]
falsepositives = ["When the rule is wrong."]
references = ["RFC …", "Microsoft: …"]
[params]
longest_s = 3600                   # $longest_s in the SQL; a team changes it in siplens.toml, table [rules.{id}]
*/
select
    call.call_no as subject_id,
    call.call_no,
    call.peer_ip as peer,
    case
        when call.duration_s is null then 'unknown'
        when call.duration_s > $longest_s then 'fail'
        else 'pass'
    end as status,
    case
        when call.duration_s is null then 'its end was not seen'
        else format('it lasted {{:.0f}} s', call.duration_s)
    end as reason,
    [{{ 'message_id': leg.bye_id, 'note': 'BYE' }}] as evidence
from call
left join leg on coalesce(call.peer_leg_id, call.other_leg_id, call.client_leg_id) = leg.leg_id
where call.answered_ts is not null
'''
_FIXTURES = {
    "fires": (
        "# One second too long.\ncall:\n"
        '  - {call_no: 1, peer_ip: 10.2.0.20, peer_leg_id: 100, answered_ts: "10:00:00", duration_s: 3601}\n'
        "leg:\n  - {leg_id: 100, bye_id: 7}\nframes: [7]\n",
        "subject_id,status,reason,places\n1,fail,it lasted 3601 s,m7\n",
    ),
    "silent": (
        "# Just short enough. Not judged: a call that was never answered.\ncall:\n"
        '  - {call_no: 1, answered_ts: "10:00:00", duration_s: 3600}\n'
        "  - {call_no: 2, duration_s: 9999}\n",
        "subject_id,status,reason,places\n1,pass,it lasted 3600 s,\n",
    ),
    "unknown": (
        '# Its end was not seen.\ncall:\n  - {call_no: 1, answered_ts: "10:00:00"}\n',
        "subject_id,status,reason,places\n1,unknown,its end was not seen,\n",
    ),
}


def new_rule(folder: Path, name: str, rules: Iterable[Rule]) -> list[Path]:
    """Writes a rule and its fixtures below `folder`; returns the files, the rule first.

    name: ID_what_it_finds, or only what it finds: then the id is the next free OWN number. Raises RuleError for an id that is taken
    and for a name that is none.
    """
    taken = {rule.id for rule in rules}
    given = re.fullmatch(r"(?:(?P<id>[A-Z]{2,8}[0-9]{3,4})_)?(?P<words>[A-Za-z][A-Za-z0-9_ -]*)", name)
    if not given:
        raise RuleError(f"{name}: is no name for a rule", "such as calls_too_long, or ABC001_calls_too_long")
    rule_id = given["id"] or next(number for count in range(1, 1000) if (number := f"OWN{count:03d}") not in taken)
    if rule_id in taken:
        raise RuleError(f"rule {rule_id} exists already", "take another number")
    words = re.sub(r"[ -]+", "_", given["words"]).lower()
    path = folder / f"{rule_id}_{words}.sql"
    tests = folder / "tests" / rule_id
    tests.mkdir(parents=True, exist_ok=True)
    title = words.replace("_", " ").capitalize()
    path.write_text(_RULE.format(id=rule_id, title=title), encoding="utf-8")
    written = [path]
    for kind, (rows, verdicts) in _FIXTURES.items():
        for ending, text in ((".yaml", rows), (".csv", verdicts)):
            written.append(tests / f"{kind}{ending}")
            written[-1].write_text(text, encoding="utf-8")
    return written
