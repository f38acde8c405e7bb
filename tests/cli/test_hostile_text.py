"""Names and numbers in SIP are written by strangers: no output lets them steer a terminal, a browser or a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from siplens.cli.app import main

HOSTILE = "=cmd|'/C calc'!A0\x1b[2J\x9b31m\u202e<script>alert(1)</script>|[x](javascript:1)"
STEERING = ("\x1b", "\x9b", "\u202e")


@pytest.fixture
def poisoned(own_copy: Path) -> Path:
    """Call 1 with a caller, a tag, a peer and evidence that mean harm, everywhere they are shown from."""
    with duckdb.connect(str(own_copy)) as con:
        con.execute("update call set caller = $1, called = $1, final_reason = $1 where call_no = 1", [HOSTILE])
        con.execute(
            "update dialog set to_tag = $1, media_ip = $1 where leg_id in (select leg_id from call_leg where call_no = 1)", [HOSTILE]
        )
        con.execute("update peer_profile set peer = $1, agent = $1", [HOSTILE])
        con.execute("update message set reason_phrase = $1 where status = 183", [HOSTILE])
        con.execute("update sdp_media set address = $1", [HOSTILE])
        con.execute("update finding set reason = $1, peer = $1", [HOSTILE])
        con.execute("update finding_evidence set note = $1", [HOSTILE])
        con.execute("update source set path = $1, label = $1", [HOSTILE])
        con.execute("create table told as select * replace ($1 as detail) from bypass_criterion", [HOSTILE])
        con.execute("drop view bypass_criterion")
        con.execute("alter table told rename to bypass_criterion")
    return own_copy


@pytest.mark.parametrize(
    "command", [["calls"], ["call", "1"], ["explain", "1"], ["peers"], ["config", "show"], ["sql", "select * from call"]]
)
@pytest.mark.parametrize("form", ["table", "csv", "json", "ndjson", "markdown"])
def test_no_format_steers_a_terminal(command: list[str], form: str, poisoned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if command[0] == "call" and form not in ("table", "json"):
        pytest.skip("a call has no such form")
    assert main([*command, "--format", form, "--db", str(poisoned)]) == 0
    out, err = capsys.readouterr()
    assert not any(mark in out + err for mark in STEERING)


def test_csv_holds_no_formula(poisoned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calls", "--format", "csv", "--db", str(poisoned)]) == 0
    row = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert row["caller"].startswith("'=cmd")


def test_json_keeps_the_text_as_it_was(poisoned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calls", "--format", "json", "--db", str(poisoned)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["caller"] == HOSTILE


@pytest.mark.parametrize("ending", ["html", "md"])
def test_reports_hold_no_markup_of_strangers(ending: str, poisoned: Path, tmp_path: Path) -> None:
    output = tmp_path / f"report.{ending}"
    assert main(["report", "-o", str(output), "--db", str(poisoned)]) == 0
    text = output.read_text(encoding="utf-8")
    assert "alert(1)" in text
    assert "<script" not in text
    assert "[x](javascript" not in text or ending == "html"
    assert not any(mark in text for mark in STEERING)
