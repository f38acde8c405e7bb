"""`siplens waive`: accepts findings for a time, with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE, Format
from siplens.cli.options import Database, Output

LISTED = ("waiver_id", "rule_id", "peer", "finding_id", "findings", "until", "state", "reason", "made_at")


def waive(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FINDING | RULE]...", help="Numbers of findings, or rules (EDL002).", show_default=False),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is shown beside the findings.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="The waiver ends on this day, such as 2026-05-01.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="Without --until: it ends after so many days.")] = 30,
    peer: Annotated[str | None, typer.Option("--peer", metavar="NAME", help="With a rule: only findings about this peer.")] = None,
    lift: Annotated[int | None, typer.Option("--lift", metavar="WAIVER", help="Take this waiver back.")] = None,
    show: Annotated[bool, typer.Option("--list", help="List the waivers.")] = False,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """Waive findings for a time: they are still shown, and no longer fail a check. A rule is waived for findings to come, too."""
    from siplens.cli import console
    from siplens.cli.database import reading, writing
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.fetch import fetch
    from siplens.rules import waive as waivers

    if show:
        with reading(db) as store:
            emit(fetch(store, "waivers"), LISTED, fmt)
        return
    if lift is not None:
        with writing(db) as store:
            console.say(f"waiver {lift} taken back; {waivers.lift(store, lift):,} findings count again")
        return
    if not targets or reason is None:
        raise SiplensError("nothing to waive", "siplens waive 17 --reason 'carrier changes it on 1 May' --until 2026-05-01")
    numbers = [int(target) for target in targets if target.isdigit()]
    names = [target for target in targets if not target.isdigit()]
    if peer and not names:
        raise SiplensError("--peer goes with a rule", "siplens waive EDL002 --peer gw1 --reason …")
    end = _end(until, days)
    with writing(db) as store:
        made = [waivers.waive_findings(store, numbers, reason, end)] if numbers else []
        made += [waivers.waive_rule(store, rule_id, peer, reason, end) for rule_id in _rule_ids(names)]
    listed = ", ".join(str(number) for waived in made for number in waived.waiver_ids)
    console.say(f"waiver {listed} until {end:%Y-%m-%d}: covers {sum(waived.standing for waived in made):,} standing findings")


def _end(until: str | None, days: int) -> dt.datetime:
    from siplens.errors import SiplensError

    if until is None:
        return dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=days)
    try:
        return dt.datetime.fromisoformat(until)
    except ValueError as error:
        raise SiplensError(f"--until {until}: is not a day", "write it as 2026-05-01") from error


def _rule_ids(names: list[str]) -> list[str]:
    from siplens.rules import load_own_rules, select_rules

    return [rule.id for rule in select_rules(load_own_rules(), names)] if names else []
