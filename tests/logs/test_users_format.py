"""A user's own format: one grammar and one module in a folder, and no other edit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.errors import ConfigurationError
from siplens.logs import read_log, recognise
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.recognise import ReadOptions, format_folders
from siplens.store import memory_store

GRAMMAR = r"""// format = "acme"
// title = "Trace of the ACME border controller"
// begins = '(?m)^ACME-SIP '
// verified = ["everything: we make it"]
// unverified = []

record: HEAD REST?

HEAD: /ACME-SIP (?P<date>[\d-]{10})T(?P<time>[\d:.]+)(?P<zone>Z) (?P<src>[\d.]+):(?P<src_port>\d+) > (?P<dst>[\d.]+):(?P<dst_port>\d+)\r?\n/
REST.-1: /(?s:.)+/
"""
MODULE = """from siplens.logs.traced import Traced


class Dialect(Traced):
    pass
"""
LOG = """ACME-SIP 2026-01-05T10:00:01.250Z 10.1.0.10:5060 > 10.2.0.20:5060
OPTIONS sip:gw1 SIP/2.0
Via: SIP/2.0/UDP 10.1.0.10;branch=z9hG4bK1
From: <sip:a>;tag=1
To: <sip:b>
Call-ID: acme-1
CSeq: 1 OPTIONS
Content-Length: 0

ACME-SIP 2026-01-05T10:00:01.300Z 10.2.0.20:5060 > 10.1.0.10:5060
this is no SIP
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "acme.lark").write_text(GRAMMAR)
    (folder / "acme.py").write_text(MODULE)
    (tmp_path / "acme.log").write_text(LOG)
    return folder


def test_one_grammar_and_one_module_are_enough(folder: Path) -> None:
    log = folder.parent / "acme.log"
    assert recognise(LOG.encode()) is None
    assert recognise(LOG.encode(), (folder,)) == "acme"
    rows = {batch.table: batch.rows.to_pylist() for batch in read_log(log, "acme", folders=(folder,))}
    (message,) = rows["message"]
    assert (str(message["ts"]), message["src_ip"], message["dst_port"]) == ("2026-01-05 10:00:01.250000", "10.1.0.10", 5060)
    (reject,) = rows["log_reject"]
    assert (reject["line"], reject["text"], reject["expected"]) == (11, "this is no SIP", "a SIP request line or status line")
    with memory_store() as store:
        (outcome,) = ingest_paths(store, [str(log)], ReadOptions(formats=(folder,)))
        assert (outcome.format, outcome.error) == ("acme", None)


def test_the_command_takes_a_folder_and_doctor_lists_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder.parent)
    assert main(["ingest", "--formats", "formats", "acme.log", "--db", "a.duckdb", "--format", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["format"], row["messages"], row["outcome"]) == ("acme", 1, "ingested, 1 records could not be read")
    monkeypatch.setenv("SIPLENS_FORMATS", "formats")
    assert main(["doctor", "--format", "json"]) == 0
    (listed,) = [row for row in json.loads(capsys.readouterr().out) if row["about"] == "format acme"]
    assert listed["state"] == "verified"
    assert listed["detail"].endswith("yours, in formats")


def test_a_users_format_may_replace_a_shipped_one(folder: Path) -> None:
    (folder / "acme.lark").write_text(GRAMMAR.replace('"acme"', '"sip-export"').replace("ACME-SIP ", "(?:ACME-SIP )?"))
    sngrep = b"2026/01/05 10:00:01.250000 10.1.0.10:5060 -> 10.2.0.20:5060\nOPTIONS sip:a SIP/2.0\n"
    assert recognise(sngrep) == "sip-export"
    assert recognise(LOG.encode(), (folder,)) == "sip-export"


def test_folders_are_named_in_the_environment_or_in_the_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    monkeypatch.delenv("SIPLENS_FORMATS", raising=False)
    monkeypatch.delenv("SIPLENS_CONFIG", raising=False)
    assert format_folders() == ()
    (folder.parent / "siplens.toml").write_text('[logs]\nformats = ["formats"]\n')
    assert format_folders() == (Path("formats"),)
    monkeypatch.setenv("SIPLENS_FORMATS", str(folder))
    assert format_folders() == (folder,)
    assert format_folders(folder.parent) == (folder.parent,)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "acme.py").unlink(), "acme.py: is missing; it holds the class Dialect of the format acme"),
        (lambda folder: (folder / "acme.py").write_text("Dialect ="), "acme.py: cannot be loaded: SyntaxError"),
        (lambda folder: (folder / "acme.py").write_text("x = 1"), "acme.py: has no class Dialect"),
        (lambda folder: (folder / "acme.lark").write_text("record: /x/"), "acme.lark: the header lacks begins"),
        (lambda folder: (folder / "acme.lark").write_text("// format = \n"), "acme.lark: the header of the grammar cannot be read"),
    ],
)
def test_a_wrong_format_is_said_in_a_sentence(folder: Path, spoil: object, words: str) -> None:
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(ConfigurationError) as raised:
        list(read_log(folder.parent / "acme.log", "acme", folders=(folder,)))
    assert words in str(raised.value)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such folder of log formats"):
        recognise(LOG.encode(), (tmp_path / "nowhere",))
