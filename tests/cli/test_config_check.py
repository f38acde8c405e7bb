"""`siplens config check`: what is wrong with a configuration, as rows, with the line, and by the exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from siplens.cli.app import main
from siplens.rules import load_rules

if not any(rule.id.startswith("CFG") for rule in load_rules()):
    pytest.skip("the rules about the configuration itself (family CFG) are not there", allow_module_level=True)

SOUND = """
bypass_settings: {Enabled: true}
network_regions: [{NetworkRegionID: EMEA}]
network_sites: [{NetworkSiteID: Berlin, NetworkRegionID: EMEA}]
network_subnets: [{SubnetID: 10.2.0.0, MaskBits: 16, NetworkSiteID: Berlin}]
gateways: [{Identity: gw1, addresses: [10.2.0.20], Vendor: AudioCodes}]
trunks: [{Identity: "Service:PstnGateway:gw1", EnableBypass: true, SRTPMode: Required, Transport: tls}]
media_configuration: {EncryptionLevel: RequireEncryption}
"""
FAULTS = [
    ("EnableBypass: true", "EnableBypass: true, ConcentratedTopology: false", "CFG001", "ConcentratedTopology is False"),
    ("EnableBypass: true", "EnableBypass: true, EnableReferSupport: false", "CFG001", "EnableReferSupport is False"),
    ("{Enabled: true}", "{Enabled: true, AlwaysBypass: true, EnableBandwidthPolicyCheck: true}", "CFG002", ""),
    (
        "[{SubnetID: 10.2.0.0",
        "[{SubnetID: 10.2.3.0, MaskBits: 24, NetworkSiteID: Hamburg}, {SubnetID: 10.2.0.0",
        "CFG003",
        "10.2.0.0/16",
    ),
    (", NetworkRegionID: EMEA}", "}", "CFG005", "Berlin"),
    ("addresses: [10.2.0.20]", "addresses: [10.9.0.20]", "CFG006", "10.9.0.20"),
    ("NetworkSiteID: Berlin}]\ngateways", "NetworkSiteID: Nowhere}]\ngateways", "CFG007", "Nowhere"),
    ("SRTPMode: Required", "SRTPMode: NotSupported", "CFG008", "SRTPMode NotSupported"),
    ("EnableBypass: true", "EnableBypass: true, MaxEarlyDialogs: 40", "CFG009", "40"),
]


def found(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    status = main(["config", "check", str(path), "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def test_nothing_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sound.yaml"
    path.write_text(SOUND, encoding="utf-8")

    assert found(path, capsys) == (0, [])


@pytest.mark.parametrize(("old", "new", "rule", "words"), FAULTS)
def test_each_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, rule: str, words: str) -> None:
    path = tmp_path / "faulty.yaml"
    assert old in SOUND
    path.write_text(SOUND.replace(old, new), encoding="utf-8")
    status, rows = found(path, capsys)
    (row, *_) = [row for row in rows if row["rule_id"] == rule and row["status"] == "fail"]

    assert status == 1
    assert words in f"{row['subject_id']} {row['reason']}"
    assert row["evidence"][0]["line"] > 0


def test_what_a_database_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, db = tmp_path / "faulty.yaml", str(tmp_path / "x.duckdb")
    path.write_text(SOUND.replace("EnableBypass: true", "EnableBypass: true, ConcentratedTopology: false"), encoding="utf-8")
    assert main(["config", "import", str(path), "--db", db]) == 0
    assert main(["config", "check", "--db", db]) == 1
    assert "CFG001" in capsys.readouterr().out
    assert main(["config", "check", "--db", db, "--fail-on", "never"]) == 0
    assert main(["config", "check", "--db", str(tmp_path / "none.duckdb")]) == 2
