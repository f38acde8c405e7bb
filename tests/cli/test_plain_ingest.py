"""A plain `siplens ingest` is understood without Typer; whatever is not plain is left to it, and both mean the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from siplens.cli.choices import Format
from siplens.cli.start import PlainIngest, plain_ingest
from siplens.resources import shipped_folder

CAPTURE = str(shipped_folder("sample_traces") / "bypassed" / "capture.pcap")


@pytest.fixture(autouse=True)
def no_database_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIPLENS_DB", raising=False)


@pytest.mark.parametrize(
    ("arguments", "understood"),
    [
        (["a.pcap"], PlainIngest(["a.pcap"], Path("siplens.duckdb"), None, Format.table)),
        (["--db", "x.duckdb", "a.pcap", "b.log"], PlainIngest(["a.pcap", "b.log"], Path("x.duckdb"), None, Format.table)),
        (["a", "--label", "tap 1", "-f", "json"], PlainIngest(["a"], Path("siplens.duckdb"), "tap 1", Format.json)),
        (["a", "--db", "x", "--db", "y"], PlainIngest(["a"], Path("y"), None, Format.table)),
    ],
)
def test_a_plain_line_is_understood(arguments: list[str], understood: PlainIngest) -> None:
    assert plain_ingest(arguments) == understood


def test_the_environment_names_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPLENS_DB", "of-env.duckdb")
    for arguments, db in ((["a"], "of-env.duckdb"), (["a", "--db", "x"], "x")):
        plain = plain_ingest(arguments)
        assert plain is not None
        assert plain.db == Path(db)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["-"],
        ["--"],
        ["--help", "a"],
        ["a", "--engine", "wireshark"],
        ["a", "--db"],
        ["a", "--db=x"],
        ["a", "-fjson"],
        ["a", "-f", "xml"],
        ["a", "-f", "JSON"],
        ["a", "--label", "-x"],
    ],
)
def test_what_is_not_plain_is_left_to_the_whole_command_line(arguments: list[str]) -> None:
    assert plain_ingest(arguments) is None


@pytest.mark.parametrize("beside", [[], ["--engine", "auto"]], ids=["plain", "by Typer"])
def test_both_ways_say_and_do_the_same(beside: list[str], tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        command = [sys.executable, "-c", "from siplens.cli.start import console_script; console_script()", "ingest", *words, *beside]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    status, told, _ = run(CAPTURE, "-f", "csv", "--db", "a.duckdb")
    assert (status, told.splitlines()[1].rpartition(",")[2]) == (0, "ingested")
    status, told, _ = run(CAPTURE, "-f", "csv", "--db", "a.duckdb")
    assert (status, told.splitlines()[1].rpartition(",")[2]) == (0, "already ingested")
    status, told, complaint = run("missing.pcap", "--db", "b.duckdb")
    assert (status, told) == (2, "")
    assert complaint.startswith("siplens: missing.pcap: ")
    assert not (tmp_path / "b.duckdb").exists()
