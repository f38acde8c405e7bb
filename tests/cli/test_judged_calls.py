"""The commands on a sample trace: what a voice engineer types, and what he sees."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from siplens.cli.app import main
from siplens.resources import shipped_folder

CASE = shipped_folder("sample_traces") / "forked_cancelled"
Captured = pytest.CaptureFixture[str]


def rows_of(capsys: Captured, *arguments: str) -> list[dict[str, str]]:
    assert main([*arguments, "--format", "csv"]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_calls_are_listed(forked_database: Path, capsys: Captured) -> None:
    rows = rows_of(capsys, "calls", "--db", str(forked_database))
    narrow = [(row["call_no"], row["direction"], row["outcome"], row["early_dialogs"], row["findings"]) for row in rows]
    assert narrow == [
        ("1", "inbound", "cancelled", "5", "EDL001 EDL002"),
        ("2", "inbound", "cancelled", "3", "EDL001 EDL002"),
        ("3", "inbound", "answered", "2", ""),
        ("4", "inbound", "cancelled", "2", ""),
    ]


def test_where_and_limit_choose_calls(forked_database: Path, capsys: Captured) -> None:
    rows = rows_of(capsys, "calls", "--where", "early_dialogs > 2 -- many", "--limit", "1", "--db", str(forked_database))
    assert [row["call_no"] for row in rows] == ["1"]


def test_a_wrong_where_says_what_is_wrong(forked_database: Path, capsys: Captured) -> None:
    assert main(["calls", "--where", "nonsense = 1", "--db", str(forked_database)]) == 2
    assert 'siplens: --where nonsense = 1: Binder Error: Referenced column "nonsense" not found' in capsys.readouterr().err


def test_a_call_shows_ladder_dialogs_decision_and_findings(forked_database: Path, capsys: Captured) -> None:
    assert main(["call", "1", "--db", str(forked_database)]) == 0
    text = capsys.readouterr().out
    for heading in ("Ladder", "Early dialogs", "Offers and answers", "Media", "Should it have bypassed?", "Findings"):
        assert f"\n{heading} ─" in text
    ladder = text.partition("Ladder ─")[2].partition("Early dialogs ─")[0]
    assert "Mediation Server" in ladder
    assert "gw1.contoso.example" in ladder
    assert [ordinal for ordinal in "①②③④⑤⑥" if ordinal in ladder] == list("①②③④⑤")
    assert any("CANCEL" in line and "EDL002" in line for line in ladder.splitlines())
    assert "capture.pcap frame 35  CANCEL from the peer" in text
    assert "config.yaml line 24" in text


def test_a_call_is_found_by_call_id_and_fingerprint(forked_database: Path, capsys: Captured) -> None:
    assert main(["call", "2", "--format", "json", "--db", str(forked_database)]) == 0
    sheet = json.loads(capsys.readouterr().out)
    for name in (sheet["legs"][0]["call_id"], sheet["call"]["fingerprint"][:10]):
        assert main(["call", name, "--format", "json", "--db", str(forked_database)]) == 0
        assert json.loads(capsys.readouterr().out)["call"]["call_no"] == 2


@pytest.mark.parametrize("command", ["call", "explain"])
def test_an_unknown_call_is_bad_input(command: str, forked_database: Path, capsys: Captured) -> None:
    assert main([command, "99", "--db", str(forked_database)]) == 2
    assert capsys.readouterr().err.startswith("siplens: there is no call 99\n")


def test_explain_goes_through_the_criteria(forked_database: Path, capsys: Captured) -> None:
    assert main(["explain", "1", "--db", str(forked_database)]) == 0
    text = capsys.readouterr().out
    assert "✗ fail  The peer can take as many early dialogs" in text
    assert "document: " in text
    assert "↳ config.yaml line 24" in text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 1),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "never"], 0),
        (["EDL001"], 0),
        (["EDL001", "--fail-on", "medium"], 1),
        (["EDL"], 1),
        (["DMR", "--fail-on", "info"], 0),
    ],
)
def test_check_fails_from_the_severity_asked_for(arguments: list[str], status: int, own_copy: Path, capsys: Captured) -> None:
    assert main(["check", *arguments, "--db", str(own_copy)]) == status
    assert "pass   fail   unknown" in capsys.readouterr().out


def test_findings_carry_their_evidence(own_copy: Path, capsys: Captured) -> None:
    assert main(["check", "EDL002", "--fail-on", "never", "--format", "json", "--db", str(own_copy)]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert [(finding["call_no"], finding["status"]) for finding in findings] == [(1, "fail"), (2, "fail")]
    assert {name: findings[0]["evidence"][-1][name] for name in ("file", "frame")} == {"file": "capture.pcap", "frame": 35}
    assert len(findings[0]["evidence"][-1]["sha256"]) == 64


def test_peers_say_what_they_took(forked_database: Path, capsys: Captured) -> None:
    rows = rows_of(capsys, "peers", "--db", str(forked_database))
    assert [(row["peer"], row["calls"], row["early_dialogs_accepted_max"], row["early_dialogs_refused_min"]) for row in rows] == [
        ("gw1.contoso.example", "4", "2", "3")
    ]
    assert main(["peers", "nobody", "--db", str(forked_database)]) == 2


def test_every_table_and_column_is_explained(forked_database: Path, capsys: Captured) -> None:
    tables = rows_of(capsys, "schema", "--db", str(forked_database))
    assert {"call", "leg", "dialog", "message", "finding", "bypass_criterion"} <= {row["table_name"] for row in tables}
    assert [row["table_name"] for row in tables if not row["meaning"] and row["table_name"] not in ("bypass_criterion", "criterion")] == []
    columns = rows_of(capsys, "schema", "media_flow", "--db", str(forked_database))
    assert {row["column"] for row in columns if row["meaning"]} >= {"packets", "lost", "jitter_mean_ms"}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from call", "read-only"),
        ("copy call to 'stolen.csv'", "disabled by configuration"),
        ("select * from read_csv('/etc/hostname')", "disabled by configuration"),
        ("set enable_external_access = true", "configuration has been locked"),
        ("attach 'other.duckdb'", "siplens: "),
        ("select call_no from cal", "LINE 1: select call_no from cal\n                            ^"),
        ("   ", "there is no SQL to run"),
    ],
)
def test_sql_only_reads(
    statement: str, words: str, forked_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sql", statement, "--db", str(forked_database)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_sql_from_file_and_stdin(forked_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    question = tmp_path / "question.sql"
    question.write_text("select count(*) as calls from call", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(question.read_text(encoding="utf-8")))
    assert rows_of(capsys, "sql", str(question), "--db", str(forked_database)) == [{"calls": "4"}]
    assert rows_of(capsys, "sql", "-", "--db", str(forked_database)) == [{"calls": "4"}]


@pytest.mark.parametrize("ending", ["parquet", "csv", "json", "ndjson"])
def test_sql_writes_files(ending: str, forked_database: Path, tmp_path: Path, capsys: Captured) -> None:
    output = tmp_path / f"legs.{ending}"
    statement = "select leg_id, call_id, hops, started_ts from leg order by leg_id"
    assert main(["sql", statement, "-o", str(output), "--db", str(forked_database)]) == 0
    assert "8 rows" in capsys.readouterr().err
    counts = {
        "parquet": lambda: pq.read_table(output).num_rows,
        "csv": lambda: len(list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8"))))),
        "json": lambda: len(json.loads(output.read_text(encoding="utf-8"))),
        "ndjson": lambda: len(output.read_text(encoding="utf-8").splitlines()),
    }
    assert counts[ending]() == 8


def test_ingest_and_import_twice_change_nothing(own_copy: Path, capsys: Captured) -> None:
    assert main(["ingest", str(CASE / "capture.pcap"), "--db", str(own_copy)]) == 0
    assert "already ingested" in capsys.readouterr().out
    assert main(["config", "import", str(CASE / "config.yaml"), "--db", str(own_copy)]) == 0
    assert "already imported, as snapshot 1" in capsys.readouterr().err


def test_configuration_takes_effect_on_calls_already_there(own_copy: Path, tmp_path: Path, capsys: Captured) -> None:
    off = tmp_path / "off.yaml"
    text = (CASE / "config.yaml").read_text(encoding="utf-8")
    assert "EnableBypass: true" in text
    off.write_text(text.replace("EnableBypass: true", "EnableBypass: false"), encoding="utf-8")
    assert main(["config", "import", str(off), "--db", str(own_copy)]) == 0
    capsys.readouterr()
    rows = rows_of(capsys, "calls", "--where", "call_no = 3", "--db", str(own_copy))
    assert (rows[0]["bypass_expected"], rows[0]["bypass_verdict"], rows[0]["findings"]) == ("fail", "fail", "BYP002")


def test_config_show(forked_database: Path, capsys: Captured) -> None:
    rows = rows_of(capsys, "config", "show", "trunk", "--db", str(forked_database))
    assert [(row["Identity"], row["EnableBypass"], row["file"]) for row in rows] == [
        ("Service:PstnGateway:gw1.contoso.example", "true", "config.yaml")
    ]
    assert main(["config", "show", "gateways", "--db", str(forked_database)]) == 2


def test_a_database_in_use_is_one_line(own_copy: Path, capsys: Captured) -> None:
    holder = duckdb.connect(str(own_copy))
    try:
        status = main(["ingest", str(CASE / "capture.pcap"), "--db", str(own_copy)])
    finally:
        holder.close()
    # The same process may share the file; another one is refused (tests/store).
    assert status in (0, 2)
    assert "Traceback" not in capsys.readouterr().err
