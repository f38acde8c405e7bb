"""An export holds the same SIP messages and media of its calls as the captures they came from, by tshark's count."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest
from backports import zstd

from siplens.cli.app import main
from siplens.resources import shipped_folder
from siplens.store import open_store

from .exports import export, ingest, invited, rtp_packets, sip_messages, tshark

SAMPLES = ("direct_media_refused", "bypassed", "one_way", "forked_cancelled", "lab_forks")
REAL = (
    "lekensteyn_websocket-sip.pcapng",
    "sngrep_ipv6frag.pcap",
    "goffinet_SIP-Call-Flow-Over-TCP.pcap",
    "tsytsyk_SIP.pcap",
    "suricata_sip-body-large.pcap",
)

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def _hold_against_source(capture: Path, tmp_path: Path) -> None:
    database, output = ingest(capture, tmp_path), tmp_path / "calls.pcapng"
    assert export(database, output, "--where", "call_no > 0") == 0
    call_ids = invited(capture)
    there = sip_messages(capture, call_ids)
    assert there, "tshark sees no message of the calls in the source"
    assert sip_messages(output, call_ids) == there
    assert len(tshark(output, "rtp", "frame.number")) == len(tshark(capture, "rtp", "frame.number"))


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
@pytest.mark.parametrize("case", ["direct_media_refused", "lab_forks", "constrained_site"])
def test_each_call_keeps_its_own_messages_and_every_packet_of_its_streams(case: str, tmp_path: Path) -> None:
    capture = next((shipped_folder("sample_traces") / case).glob("capture.pcap*"))
    database = ingest(capture, tmp_path)
    calls = _calls(database)
    there = rtp_packets(capture)
    assert len(calls) > 1
    for number, (call_ids, ways) in calls.items():
        output = tmp_path / f"{number}.pcapng"
        assert export(database, output, str(number)) == 0
        assert sip_messages(output, invited(capture)) == sip_messages(capture, call_ids)
        own = {stream: packets for stream, packets in there.items() if stream[:4] in ways}
        assert bool(own) == bool(ways)
        assert rtp_packets(output) == own


def _calls(database: Path) -> dict[int, tuple[set[str], set[tuple[str, ...]]]]:
    """Call-IDs of each call, and between which addresses and ports its media went, as siplens tells them."""
    told: dict[int, tuple[set[str], set[tuple[str, ...]]]] = {}
    with open_store(database, write=False) as store:
        for number, call_id in store.query("select call_no, call_id from call_leg inner join leg using (leg_id)").rows:
            told.setdefault(number, (set(), set()))[0].add(call_id)
        query = "select call_no, src_ip, src_port, dst_ip, dst_port from call_flow inner join media_flow using (flow_id)"
        for number, *way in store.query(query).rows:
            told[number][1].add(tuple(map(str, way)))
    return told


@needs_tshark
def test_one_call_comes_without_the_others_and_names_its_findings(forked: Path, tmp_path: Path) -> None:
    output = tmp_path / "one.pcapng"
    assert export(forked, output, "1") == 0
    everything = tmp_path / "all.pcapng"
    assert export(forked, everything, "--where", "call_no > 0") == 0
    one, every = (tshark(each, "frame", "frame.number") for each in (output, everything))
    assert 0 < len(one) < len(every)
    comments = [row[0] for row in tshark(everything, "frame.comment", "frame.comment")]
    assert any("siplens " in comment and ", call " in comment for comment in comments)


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case forked_cancelled, ingested and judged."""
    case, folder = shipped_folder("sample_traces") / "forked_cancelled", tmp_path_factory.mktemp("forked")
    database = ingest(case / "capture.pcap", folder)
    assert main(["config", "import", str(case / "config.yaml"), "--db", str(database)]) == 0
    assert main(["check", "--fail-on", "never", "--db", str(database)]) == 0
    return database


def test_a_moved_capture_is_found_in_the_folder_named_and_a_changed_one_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = Path(shutil.copy(shipped_folder("sample_traces") / "bypassed" / "capture.pcap", tmp_path / "here.pcap"))
    database, output, now = ingest(capture, tmp_path), tmp_path / "call.pcapng", tmp_path / "now"
    now.mkdir()
    capture.rename(now / "there.pcap")
    assert export(database, output, "1") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "no longer there" in said
    assert "--source" in said
    assert export(database, output, "1", "--source", str(now)) == 0
    assert output.stat().st_size > 0
    output.unlink()
    changed = bytearray((now / "there.pcap").read_bytes())
    changed[-1] ^= 1
    capture.write_bytes(changed)
    assert export(database, output, "1") == 2
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
        database, output = ingest(capture, folder), folder / "calls.pcapng"
        assert export(database, output, "--where", "call_no > 0") == 0
        call_ids = invited(plain)
        assert sip_messages(output, call_ids) == sip_messages(plain, call_ids)
        assert len(tshark(output, "rtp", "frame.number")) == len(tshark(plain, "rtp", "frame.number"))


def test_a_call_known_from_a_log_alone_has_no_packets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = [path for path in (shipped_folder("sample_traces") / "capture_and_log").iterdir() if path.suffix in {".log", ".txt"}]
    database, output = ingest(logs[0], tmp_path), tmp_path / "call.pcapng"
    assert export(database, output, "1") == 2
    assert "there is no packet to export" in " ".join(capsys.readouterr().err.split())
    assert not output.exists()


def test_a_file_that_is_no_pcapng_and_a_question_without_calls_are_refused(forked: Path, tmp_path: Path) -> None:
    assert export(forked, tmp_path / "call.txt", "1") == 2
    assert export(forked, tmp_path / "call.pcapng") == 2
    assert export(forked, tmp_path / "call.pcapng", "--where", "call_no < 0") == 2
    assert not list(tmp_path.iterdir())
