"""Every case: its recipe writes the files beside it, Wireshark finds nothing wrong, and its papers are in order."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from siplens.config import read_configuration
from siplens.rules.load import load_rules

RULES = {"BYP001", "BYP002", "DMR001", "DMR002", "EDL001", "EDL002", "EDL003"}


def expected_rows(case: Path) -> list[dict[str, str]]:
    with (case / "expected.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".pcap", ".pcapng", ".log"))


def test_recipe_writes_the_same_bytes_again(case: Path, recipe: ModuleType, tmp_path: Path) -> None:
    recipe.write(tmp_path)
    assert [path.name for path in written(tmp_path)] == [path.name for path in written(case)]
    for path in written(tmp_path):
        assert path.read_bytes() == (case / path.name).read_bytes(), f"{path.name}: run {case.name}/recipe.py"
        assert path.stat().st_size < 300_000


def test_wireshark_sees_what_the_recipe_meant(case: Path, recipe: ModuleType, tmp_path: Path, tshark: Any) -> None:
    meant = recipe.write(tmp_path)[0].counts
    (capture,) = (path for path in written(case) if path.suffix != ".log")
    packets = tshark.packets(capture)
    assert [packet for packet in packets if packet.complaints or "_ws.malformed" in packet.protocols] == []
    seen = {
        "frames": len(packets),
        "sip": sum("sip" in packet.protocols for packet in packets),
        "rtp": sum("rtp" in packet.protocols and "stun" not in packet.protocols for packet in packets),
        "rtcp": sum("rtcp" in packet.protocols for packet in packets),
        "stun": sum("stun" in packet.protocols for packet in packets),
        "icmp": sum("icmp" in packet.protocols for packet in packets),
    }
    assert seen == asdict(meant)


def test_papers_are_in_order(case: Path) -> None:
    readme = (case / "README.md").read_text(encoding="utf-8")
    assert "Synthetic" in readme
    known = {rule.id for rule in load_rules()}
    rows = expected_rows(case)
    assert rows
    for row in rows:
        assert row["rule_id"] in known
        assert int(row["call"] or 1) >= 1  # without a call it is about a peer
        assert row["status"] in ("pass", "fail", "unknown")
    assert len({(row["rule_id"], row["call"] or row["status"]) for row in rows}) == len(rows)


def test_configuration_is_readable(case: Path) -> None:
    if case.name == "no_configuration":
        assert not (case / "config.yaml").exists()
        return
    tables = {name for name, _ in read_configuration(case / "config.yaml").batches}
    assert {"mediation_server", "bypass_settings", "network_site", "network_subnet", "gateway", "trunk"} <= tables


def test_the_cases_show_every_rule_failing_and_passing(all_cases: list[Path]) -> None:
    verdicts = {(row["rule_id"], row["status"]) for case in all_cases for row in expected_rows(case)}
    assert {(rule, status) for rule in RULES for status in ("pass", "fail")} <= verdicts
