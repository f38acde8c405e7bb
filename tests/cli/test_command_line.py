"""What every command keeps: exit status, one clear line for an error, two streams, a quick start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from siplens import __version__
from siplens.cli.app import main

HEAVY = ("duckdb", "pyarrow", "numba", "numpy", "lark", "pyshark", "jinja2", "altair", "rich.table", "rich.progress", "yaml")


def run(*arguments: str, stdin: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    code = "import sys; from siplens.cli.app import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, input=stdin, cwd=cwd, env=environment, timeout=120
    )


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, json; from siplens.cli.app import main; main(['--help']); print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stderr))
    assert "ingest" in done.stdout
    assert loaded.isdisjoint({name for name in HEAVY if name != "rich.table"})


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"siplens {__version__}\n"


def test_without_arguments_comes_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "siplens demo" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "siplens: No such command 'frobnicate'"),
        (["calls", "--format", "xml"], "'xml' is not one of"),
        (["calls", "--limit", "0"], "--limit"),
        (["call"], "Missing argument"),
        (["calls", "--db", "nowhere.duckdb"], "siplens: nowhere.duckdb: there is no such database"),
        (["ingest", "nowhere.pcap"], "siplens: nowhere.pcap: there is no such file or folder"),
        (["ingest", "*.nothing"], "no file matches"),
        (["ingest", "x.log", "--log-tz", "Mars/Olympus"], "there is no such time zone"),
        (["rules", "show", "XYZ999"], "there is no rule or family XYZ999"),
        (["check", "EDL002", "--fail-on", "always"], "--fail-on"),
        (["report", "-o", "report.docx"], "report.docx: its ending names no form of report"),
        (["report", "--since", "yesterday"], "--since yesterday: not a time"),
        (["schema", "--db", "."], "is a folder"),
        (["config", "import", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "Traceback" not in err
    lines = err.splitlines()
    assert lines[0].startswith("siplens: ")
    assert all(line.startswith("  hint: ") for line in lines[1:])


def test_a_failed_ingest_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.pcap").touch()
    assert main(["ingest", "empty.pcap"]) == 2
    assert not (tmp_path / "siplens.duckdb").exists()


@pytest.mark.parametrize(
    "raised",
    [
        KeyboardInterrupt(),
        RuntimeError("Query interrupted"),
        duckdb.InterruptException("INTERRUPT Error: Interrupted!"),
        duckdb.TransactionException("TransactionContext Error: Failed to commit: Interrupted!"),
    ],
    ids=["anywhere", "amid a statement", "within DuckDB", "amid a COMMIT"],
)
def test_ctrl_c_is_said_in_one_line(raised: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise raised

    monkeypatch.setattr("siplens.rules.load_own_rules", interrupted)
    assert main(["rules", "list"]) == 130
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "fault of siplens" not in said


def test_a_closed_pipe_is_no_error() -> None:
    code = "import sys; from siplens.cli.app import main; sys.exit(main(['rules', 'show', 'EDL002']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert complaint == b""


def test_off_a_terminal_there_is_no_colour() -> None:
    done = run("rules", "list")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr


def test_rules_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for form in ("csv", "json", "ndjson", "markdown"):
        assert main(["rules", "list", "--format", form]) == 0
        shown[form] = capsys.readouterr().out
    ids = [row["rule"] for row in json.loads(shown["json"])]
    assert "BYP001" in ids
    assert [json.loads(line)["rule"] for line in shown["ndjson"].splitlines()] == ids
    assert [line.split(",")[0] for line in shown["csv"].splitlines()] == ["rule", *ids]
    assert [line.split(" | ")[0].strip("| ") for line in shown["markdown"].splitlines()] == ["rule", "---|---|---|---|---|---", *ids]


def test_a_rule_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "edl002"]) == 0
    text = capsys.readouterr().out
    for heading in ("Meaning", "Impact", "Likely causes", "Confirm", "Fix", "False positives", "References", "SQL"):
        assert f"\n{heading}\n" in text


def test_doctor_names_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--format", "json"]) == 0
    rows = {row["about"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["siplens"]["detail"] == __version__
    assert rows["database"]["state"] == "note"
    assert {"packet kernel", "tshark", "libraries", "format pcap, pcapng, snoop"} <= rows.keys()
    statuses = {name: rows[f"format {name}"]["state"] for name in ("cls", "uccapi", "sip-text", "audiocodes")}
    assert statuses == {"cls": "partly", "uccapi": "unconfirmed", "sip-text": "verified", "audiocodes": "partly"}
