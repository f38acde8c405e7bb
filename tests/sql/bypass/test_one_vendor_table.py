"""One table of vendors, which users edit by import, feeds the configuration check, the rules about calls, and the criteria."""

from __future__ import annotations

from pathlib import Path

import yaml

from siplens.pipeline.derive import assess, derive
from siplens.rules import Rule, load_rules
from siplens.rules.run import try_rule
from siplens.store import Store, memory_store
from siplens.store.writer import number_addresses

from .test_decision_table import TABLE, import_snapshot
from .written_call import WrittenCalls

SAID = "Gatebox takes two"
ROW = {"Vendor": "Gatebox", "Match": "gatebox", "MaxEarlyDialogs": 2, "Document": SAID}
GATEWAY = {"Identity": "gw1", "addresses": ["10.2.0.20"], "RepresentativeMediaIP": "10.2.0.21", "Vendor": "Gatebox 9"}


def judged(folder: Path, vendors: list[dict[str, object]]) -> dict[str, tuple[str, str]]:
    """Status and reason by CFG009, EDL011 and peer_handles_early_dialogs: a call from the PSTN forks thrice towards a Gatebox 9."""
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**TABLE["ordinary"], "gateways": [GATEWAY], "vendors": vendors}), encoding="utf-8")
    rules = {rule.id: rule for rule in load_rules()}
    with memory_store() as store:
        derive(store)
        calls = WrittenCalls()
        import_snapshot(store, path, 1)
        calls.add(1, {"direction": "inbound", "early_dialogs": 3, "snapshot_id": 1})
        calls.put_into(store)
        store.con.execute(
            "insert into forked_leg (leg_id, call_no, peer_ip, invited_by, is_merged, early_dialogs, peer_agent) "
            "values (7, 1, '10.2.0.20', 'peer', false, 3, 'Gateway/1.0')"
        )
        number_addresses(store)
        assess(store)
        found = {}
        for rule_id in ("CFG009", "EDL011"):
            for row in store_rows(store, rules[rule_id]):
                found[rule_id] = (row["status"], row["reason"])
        query = "select outcome, detail from bypass_criterion where criterion = 'peer_handles_early_dialogs'"
        return {**found, "criterion": store.query(query).rows[0]}


def store_rows(store: Store, rule: Rule) -> list[dict[str, str]]:
    """What the rule says of everything in the store."""
    columns, rows = try_rule(store, rule)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_a_vendor_of_the_users_file_is_known_everywhere(tmp_path: Path) -> None:
    said = judged(tmp_path, [ROW])

    assert said["CFG009"] == ("fail", f"MaxEarlyDialogs 20, while gateway gw1 takes 2 by its vendor (Gatebox: {SAID})")
    assert said["EDL011"] == ("fail", "3 early dialogs; Gatebox 9 takes 2")
    declared = "trunk Service:PstnGateway:gw1 MaxEarlyDialogs 20 (default), Gatebox 2"
    assert said["criterion"] == ("fail", f"early dialogs needed: 3; declared: {declared}")


def test_a_vendor_without_a_limit_does_not_get_that_of_a_shorter_name(tmp_path: Path) -> None:
    newer = {"Vendor": "Gatebox 9", "Match": "gatebox 9", "Behaviour": "takes any number"}
    said = judged(tmp_path, [ROW, newer])

    assert said.keys() == {"criterion"}
    assert said["criterion"][0] == "pass"


def test_without_such_a_vendor_nothing_is_declared(tmp_path: Path) -> None:
    assert judged(tmp_path, []).keys() == {"criterion"}
