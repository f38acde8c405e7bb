"""Names and numbers in SIP are written by strangers: no output lets them steer a terminal, a browser or a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

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


def report(ending: str, poisoned: Path, tmp_path: Path) -> str:
    output = tmp_path / f"report.{ending}"
    assert main(["report", "-o", str(output), "--db", str(poisoned)]) == 0
    return output.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["html", "md"])
def test_reports_hold_no_markup_of_strangers(ending: str, poisoned: Path, tmp_path: Path) -> None:
    text = report(ending, poisoned, tmp_path)
    assert "alert(1)" in text
    assert "<script" not in text
    assert "[x](javascript" not in text or ending == "html"
    assert not any(mark in text for mark in STEERING)


def test_reports_for_programs_hold_hostile_text_as_text(poisoned: Path, tmp_path: Path) -> None:
    texts = {ending: report(ending, poisoned, tmp_path) for ending in ("csv", "json", "sarif", "xml")}
    for text in texts.values():
        assert "alert(1)" in text
        assert not any(mark in text for mark in STEERING)
    cells = [cell for row in csv.reader(io.StringIO(texts["csv"])) for cell in row]
    formulas = [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not re.fullmatch(r"[+-]?\d+", cell)]
    assert not formulas
    assert HOSTILE in {row["reason"] for row in json.loads(texts["json"])["findings"]}, "JSON's escapes keep the text as it was"
    results = json.loads(texts["sarif"])["runs"][0]["results"]
    assert all("\\[x\\](javascript:1)" in result["message"]["text"] for result in results), "no link that a viewer would follow"
    assert "<script" not in texts["xml"]
    assert any("alert(1)" in (failure.text or "") for failure in ElementTree.fromstring(texts["xml"]).iter("failure"))


@pytest.mark.parametrize("form", ["svg", "mermaid", "text"])
def test_ladders_hold_hostile_text_as_text(form: str, poisoned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "1", "--ladder", form, "--db", str(poisoned)]) == 0
    text = capsys.readouterr().out
    assert "alert" in text
    assert "<script" not in text or form == "text"
    assert not any(mark in text for mark in STEERING)
    if form == "svg":
        drawn = ElementTree.fromstring(text)
        assert {element.tag.rpartition("}")[2] for element in drawn.iter()}.isdisjoint({"script", "a", "image", "foreignObject"})
    if form == "mermaid":
        head, *lines = text.splitlines()
        assert head == "sequenceDiagram"
        allowed = re.compile(r"    (accTitle: |participant h\d+ as |Note |h\d+[-)>x]+h\d+: )[^;%{}|<>]*(#\d+;|<br/>|[^;%{}|<>])*")
        assert all(allowed.fullmatch(line) for line in lines)


@pytest.fixture
def poisoned_names(own_copy: Path) -> Path:
    """Names of peers, trunks, sites and waivers that mean harm: all that a compliance report takes from strangers or papers."""
    with duckdb.connect(str(own_copy)) as con:
        con.execute("update peer_profile set peer = $1", [HOSTILE])
        con.execute("update bypass_peer set trunk = $1", [HOSTILE])
        con.execute("update bypass_subnet set site = $1", [HOSTILE])
        con.execute("update daily_figure set name = $1", [HOSTILE])
        con.execute("update forked_leg set refusal_words = $1", [HOSTILE])
        con.execute("update source set path = $1, label = $1", [HOSTILE])
        con.execute("update config_snapshot set label = $1", [HOSTILE])
        con.execute(
            "insert into waiver values (1, 'EDL002', $1, null, $1, timestamp '2026-01-01', timestamp '2100-01-01', null)", [HOSTILE]
        )
    return own_copy


@pytest.mark.parametrize("ending", ["html", "md"])
def test_compliance_reports_and_their_charts_hold_no_markup_of_strangers(ending: str, poisoned_names: Path, tmp_path: Path) -> None:
    output = tmp_path / f"report.{ending}"
    period = ["--kind", "compliance", "--since", "2026-03-07"]
    assert main(["report", "-o", str(output), *period, "--title", HOSTILE, "--db", str(poisoned_names)]) == 0
    text = output.read_text(encoding="utf-8")
    assert text.count("alert(1)") >= 6
    assert "<script" not in text
    assert "[x](javascript" not in text or ending == "html"
    assert not any(mark in text for mark in STEERING)
