"""What leaves the house redacted holds no number, name or address of the originals, and tshark still counts the same."""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.cli.ladder_text import plain_text
from siplens.report.calls import list_calls
from siplens.report.facts import Facts, gather
from siplens.report.forms import ReportForm, write_report
from siplens.report.ladder_file import ladder_svg, ladder_title
from siplens.report.ladder_mermaid import mermaid
from siplens.report.redact import RedactedStore, drawn_key, words_of
from siplens.report.values import plain
from siplens.resources import shipped_folder
from siplens.store import open_store

KEY = "a key for tests only, of length"
CASES = ("direct_media_refused", "lab_forks")
needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "redact.key"
    path.write_text(KEY)
    return path


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each case ingested, configured and judged."""
    made = {}
    for name in CASES:
        case, database = shipped_folder("sample_traces") / name, tmp_path_factory.mktemp(name) / "calls.duckdb"
        assert main(["ingest", str(next(case.glob("capture.pcap*"))), "--db", str(database)]) == 0
        assert main(["config", "import", str(case / "config.yaml"), "--db", str(database)]) == 0
        assert main(["check", "--fail-on", "never", "--db", str(database)]) == 0
        made[name] = database
    return made


def tshark(capture: Path, shown: str, *fields: str, prefer: tuple[str, ...] = ()) -> list[list[str]]:
    named = [word for field in fields for word in ("-e", field)]
    options = [word for each in prefer for word in ("-o", each)]
    command = ["tshark", "-n", "-r", str(capture), *options, "-Y", shown, "-T", "fields", "-E", "separator=|", "-E", "aggregator=;", *named]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.splitlines()
    return [line.split("|") for line in lines]


def values(rows: list[list[str]]) -> set[str]:
    return {value for row in rows for cell in row for value in cell.split(";") if value}


def people_and_places(capture: Path) -> tuple[set[str], set[str]]:
    """(users, hosts and addresses) that tshark sees in a capture."""
    users = values(tshark(capture, "sip", "sip.from.user", "sip.to.user", "sip.contact.user", "sip.r-uri.user", "sip.pai.user"))
    hosts = values(tshark(capture, "sip", "sip.from.host", "sip.to.host", "sip.contact.host", "sip.r-uri.host"))
    places = values(tshark(capture, "ip or ipv6", "ip.addr", "ipv6.addr", "sdp.connection_info.address"))
    return {user for user in users if len(user) > 2}, {place for place in hosts | places if not is_public(place)}


def is_public(place: str) -> bool:
    try:
        address = ipaddress.ip_address(place)
    except ValueError:
        return False
    return address.is_loopback or address.is_multicast or address.is_unspecified


def left_over(text: bytes, originals: set[str]) -> list[str]:
    """Originals that stand in `text` as words of their own."""
    return sorted(each for each in originals if re.search(rb"(?<![\w.+])" + re.escape(each.encode()) + rb"(?![\w]|\.\w)", text))


@needs_tshark
@pytest.mark.parametrize("case", CASES)
def test_a_redacted_export_counts_the_same_and_names_nobody(case: str, databases: dict[str, Path], key: Path, tmp_path: Path) -> None:
    plain, redacted = tmp_path / "plain.pcapng", tmp_path / "redacted.pcapng"
    everything = ["export", "--where", "call_no > 0", "--db", str(databases[case])]
    assert main([*everything, "-o", str(plain)]) == 0
    assert main([*everything, "-o", str(redacted), "--redact-key", str(key)]) == 0
    protocols = [Counter(name for [name] in tshark(capture, "frame", "frame.protocols")) for capture in (plain, redacted)]
    assert protocols[0] == protocols[1]
    told = ("sip.CSeq", "sip.Status-Code", "sip.Content-Length", "sdp.media.port", "rtp.ssrc", "rtp.seq", "frame.len", "frame.time_epoch")
    assert Counter(map(tuple, tshark(redacted, "sip or rtp", *told))) == Counter(map(tuple, tshark(plain, "sip or rtp", *told)))
    users, places = people_and_places(plain)
    assert users
    assert places
    assert left_over(redacted.read_bytes(), users | places) == []
    assert not any(bytes.fromhex(payload).strip(b"\0") for [payload] in tshark(redacted, "rtp", "rtp.payload") if payload)
    checks = ("ip.check_checksum:TRUE", "udp.check_checksum:TRUE", "tcp.check_checksum:TRUE")
    wrong = "ip.checksum.status == 0 or udp.checksum.status == 0 or tcp.checksum.status == 0 or _ws.malformed"
    assert tshark(redacted, wrong, "frame.number", prefer=checks) == []


@needs_tshark
def test_siplens_judges_a_redacted_export_as_it_judged_the_original(databases: dict[str, Path], key: Path, tmp_path: Path) -> None:
    """What is related stays related: legs still make calls, streams still belong to them."""
    redacted, database = tmp_path / "redacted.pcapng", tmp_path / "again.duckdb"
    assert (
        main(["export", "--where", "call_no > 0", "--db", str(databases["lab_forks"]), "-o", str(redacted), "--redact-key", str(key)]) == 0
    )
    assert main(["ingest", str(redacted), "--db", str(database)]) == 0
    told = """
        select call_no, outcome, early_dialogs, final_status, round(duration_s, 1), count(flow_id)
        from call left join call_flow using (call_no) group by all order by call_no
    """
    first, second = (_rows(path, told) for path in (databases["lab_forks"], database))
    assert first == second


def _rows(database: Path, sql: str) -> list[tuple[object, ...]]:
    with open_store(database, write=False) as store:
        return store.query(sql).rows


@pytest.fixture(scope="module")
def originals() -> set[str]:
    users, places = people_and_places(shipped_folder("sample_traces") / "direct_media_refused" / "capture.pcap")
    return users | places


@pytest.fixture(scope="module")
def redacted_facts(databases: dict[str, Path]) -> Facts:
    """What a redacted report of the case says."""
    with open_store(databases["direct_media_refused"], write=False) as store:
        return gather(RedactedStore(store, words_of(store, KEY.encode())))


@needs_tshark
@pytest.mark.parametrize("form", list(ReportForm))
def test_a_redacted_report_names_nobody(form: ReportForm, redacted_facts: Facts, originals: set[str]) -> None:
    text = write_report(redacted_facts, form)
    assert "DMR001" in text
    assert left_over(text.encode(), originals) == []


@needs_tshark
def test_redacted_ladders_name_nobody(redacted_facts: Facts, originals: set[str]) -> None:
    sheet = redacted_facts.sheets[0]
    title = ladder_title(sheet)
    for text in (
        ladder_svg(sheet),
        mermaid(sheet.ladder, title),
        title + plain_text(sheet.ladder, 140),
        json.dumps(plain(sheet.as_rows())),
    ):
        assert "INVITE" in text
        assert left_over(text.encode(), originals) == []


def test_the_same_one_has_the_same_pseudonym_under_one_key(databases: dict[str, Path], redacted_facts: Facts) -> None:
    with open_store(databases["direct_media_refused"], write=False) as store:
        stored, again, other = (
            [call["caller"] for call in list_calls(each)[0]]
            for each in (store, RedactedStore(store, words_of(store, KEY.encode())), RedactedStore(store, words_of(store, drawn_key())))
        )
    assert again == [call["caller"] for call in redacted_facts.calls]
    assert not set(again) & set(stored)
    assert again != other
    assert [stored.count(each) for each in stored] == [again.count(each) for each in again]


def test_the_command_line_redacts(databases: dict[str, Path], key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = str(databases["direct_media_refused"])
    assert main(["call", "1", "--ladder", "text", "--redact-key", str(key), "--db", database]) == 0
    assert "anna" not in capsys.readouterr().out
    assert main(["report", "-o", str(tmp_path / "r.md"), "--redact", "--db", database]) == 0
    assert "anna" not in (tmp_path / "r.md").read_text()


def test_a_key_too_short_is_refused(databases: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = tmp_path / "short.key"
    short.write_text("secret")
    assert main(["call", "1", "--redact-key", str(short), "--db", str(databases["direct_media_refused"])]) == 2
    assert "a key of 16 bytes or more was expected" in " ".join(capsys.readouterr().err.split())
