"""An export holds the same SIP messages and media of its calls as the captures they came from, by tshark's count."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from backports import zstd

from siplens.cli.app import main
from siplens.resources import shipped_folder

SAMPLES = ("direct_media_refused", "bypassed", "one_way", "forked_cancelled", "lab_forks")
REAL = (
    "lekensteyn_websocket-sip.pcapng",
    "sngrep_ipv6frag.pcap",
    "goffinet_SIP-Call-Flow-Over-TCP.pcap",
    "tsytsyk_SIP.pcap",
    "suricata_sip-body-large.pcap",
)

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def _tshark(capture: Path, shown: str, *fields: str) -> list[list[str]]:
    named = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-n", "-r", str(capture), "-Y", shown, "-T", "fields", "-E", "separator=|", *named]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    return [line.split("|") for line in lines]


def _sip(capture: Path, call_ids: set[str]) -> Counter[tuple[str, str]]:
    """SIP messages of these calls: Call-ID and CSeq, how often."""
    found: Counter[tuple[str, str]] = Counter()
    for ids, cseqs in _tshark(capture, "sip", "sip.Call-ID", "sip.CSeq"):
        for call_id, cseq in zip(ids.split(","), cseqs.split(","), strict=False):
            if call_id in call_ids:
                found[call_id, cseq] += 1
    return found


def _call_ids(capture: Path) -> set[str]:
    """Call-IDs of all INVITEs that tshark sees."""
    return {each for row in _tshark(capture, 'sip.CSeq.method == "INVITE"', "sip.Call-ID") for each in row[0].split(",")}


def _ingest(capture: Path, folder: Path) -> Path:
    database = folder / "calls.duckdb"
    assert main(["ingest", str(capture), "--db", str(database)]) == 0
    return database


def _export(database: Path, output: Path, *words: str) -> int:
    return main(["export", *words, "-o", str(output), "--db", str(database)])


def _hold_against_source(capture: Path, tmp_path: Path) -> None:
    database, output = _ingest(capture, tmp_path), tmp_path / "calls.pcapng"
    assert _export(database, output, "--where", "call_no > 0") == 0
    call_ids = _call_ids(capture)
    there = _sip(capture, call_ids)
    assert there, "tshark sees no message of the calls in the source"
    assert _sip(output, call_ids) == there
    assert len(_tshark(output, "rtp", "frame.number")) == len(_tshark(capture, "rtp", "frame.number"))


@needs_tshark
@pytest.mark.parametrize("case", SAMPLES)
def test_all_calls_of_a_sample_keep_their_messages_and_media(case: str, tmp_path: Path) -> None:
    folder = shipped_folder("sample_traces") / case
    _hold_against_source(next(folder.glob("capture.pcap*")), tmp_path)


@needs_tshark
@pytest.mark.parametrize("name", REAL)
def test_all_calls_of_a_real_capture_keep_their_messages_and_media(name: str, shared_data: Path, tmp_path: Path) -> None:
    captures = sorted(shared_data.rglob(name))
    assert captures, f"{name} is not in the folder of real captures"
    _hold_against_source(captures[0], tmp_path)


@needs_tshark
def test_one_call_comes_without_the_others_and_names_its_findings(forked: Path, tmp_path: Path) -> None:
    output = tmp_path / "one.pcapng"
    assert _export(forked, output, "1") == 0
    everything = tmp_path / "all.pcapng"
    assert _export(forked, everything, "--where", "call_no > 0") == 0
    one, every = (_tshark(each, "frame", "frame.number") for each in (output, everything))
    assert 0 < len(one) < len(every)
    comments = [row[0] for row in _tshark(everything, "frame.comment", "frame.comment")]
    assert any("siplens " in comment and ", call " in comment for comment in comments)


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case forked_cancelled, ingested and judged."""
    case, folder = shipped_folder("sample_traces") / "forked_cancelled", tmp_path_factory.mktemp("forked")
    database = _ingest(case / "capture.pcap", folder)
    assert main(["config", "import", str(case / "config.yaml"), "--db", str(database)]) == 0
    assert main(["check", "--fail-on", "never", "--db", str(database)]) == 0
    return database


def test_a_moved_capture_is_found_in_the_folder_named_and_a_changed_one_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = Path(shutil.copy(shipped_folder("sample_traces") / "bypassed" / "capture.pcap", tmp_path / "here.pcap"))
    database, output, now = _ingest(capture, tmp_path), tmp_path / "call.pcapng", tmp_path / "now"
    now.mkdir()
    capture.rename(now / "there.pcap")
    assert _export(database, output, "1") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "no longer there" in said
    assert "--source" in said
    assert _export(database, output, "1", "--source", str(now)) == 0
    assert output.stat().st_size > 0
    output.unlink()
    changed = bytearray((now / "there.pcap").read_bytes())
    changed[-1] ^= 1
    capture.write_bytes(changed)
    assert _export(database, output, "1") == 2
    assert "is not the file that was ingested" in " ".join(capsys.readouterr().err.split())
    assert not output.exists()


@needs_tshark
@pytest.mark.skipif(shutil.which("editcap") is None, reason="editcap is not installed")
def test_snoop_and_compressed_captures_are_searched_like_any_other(tmp_path: Path) -> None:
    """gzip around pcap, zstd around snoop: each holds what the plain pcap does."""
    plain = shipped_folder("sample_traces") / "bypassed" / "capture.pcap"
    snoop = tmp_path / "capture.snoop"
    subprocess.run(["editcap", "-F", "snoop", str(plain), str(snoop)], check=True, timeout=60, capture_output=True)
    packed = {"capture.pcap.gz": gzip.compress(plain.read_bytes()), "capture.snoop.zst": zstd.compress(snoop.read_bytes())}
    for name, content in packed.items():
        folder = tmp_path / name.replace(".", "_")
        folder.mkdir()
        capture = folder / name
        capture.write_bytes(content)
        database, output = _ingest(capture, folder), folder / "calls.pcapng"
        assert _export(database, output, "--where", "call_no > 0") == 0
        call_ids = _call_ids(plain)
        assert _sip(output, call_ids) == _sip(plain, call_ids)
        assert len(_tshark(output, "rtp", "frame.number")) == len(_tshark(plain, "rtp", "frame.number"))


def test_a_call_known_from_a_log_alone_has_no_packets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = [path for path in (shipped_folder("sample_traces") / "capture_and_log").iterdir() if path.suffix in {".log", ".txt"}]
    database, output = _ingest(logs[0], tmp_path), tmp_path / "call.pcapng"
    assert _export(database, output, "1") == 2
    assert "there is no packet to export" in " ".join(capsys.readouterr().err.split())
    assert not output.exists()


def test_a_file_that_is_no_pcapng_and_a_question_without_calls_are_refused(forked: Path, tmp_path: Path) -> None:
    assert _export(forked, tmp_path / "call.txt", "1") == 2
    assert _export(forked, tmp_path / "call.pcapng") == 2
    assert _export(forked, tmp_path / "call.pcapng", "--where", "call_no < 0") == 2
    assert not list(tmp_path.iterdir())
