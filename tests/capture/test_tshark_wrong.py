"""Every real capture in which siplens and tshark 4.0 differ, and what shows that tshark is wrong there. See `ground_truth`."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from .ground_truth import FLOWS_DIFFER, MALFORMED, SIP_DIFFERS, STUN_FIRST, FlowKey, Stream, _stream
from .packets import B, pcap, read_file, rtp, sdp, sip, tcp_frame, udp_frame
from .test_ground_truth import alike, announced

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None or shutil.which("editcap") is None, reason="tshark or editcap is not installed"
)
LEFT_OUT = [path for path, why in SIP_DIFFERS.items() if MALFORMED in why]
AFTER_STUN = [path for path, why in FLOWS_DIFFER.items() if STUN_FIRST in why]


def output(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def fields(path: Path, *names: str) -> list[list[str]]:
    """Fields of all SIP messages, as tshark itself dissects them, frame by frame."""
    wanted = [word for name in names for word in ("-e", name)]
    lines = output(
        "tshark", "-r", str(path), "-Y", "(sip.Request-Line or sip.Status-Line) and not icmp", "-T", "fields", "-E", "occurrence=f", *wanted
    )
    return [line.split("\t") for line in lines]


def test_every_difference_is_explained_here() -> None:
    assert set(SIP_DIFFERS) == {*LEFT_OUT, "pcap/sip/snort3demo_user_defined_method.pcap"}
    assert set(FLOWS_DIFFER) == set(AFTER_STUN)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_the_statistics_leave_out_what_the_dissector_shows(name: str, shared_data: Path) -> None:
    """`-z sip,stat` counts fewer messages than tshark's own dissector shows in the same file; siplens has those of the dissector."""
    path = shared_data / name
    seen = fields(path, "frame.number", "sip.CSeq.method", "sip.Status-Code")
    messages = read_file(path)["message"]
    assert [row["frame"] for row in messages] == [int(frame) for frame, _, _ in seen]
    assert Counter(row["status"] for row in messages) == Counter(int(status) if status else None for _, _, status in seen)
    counted = [
        line for line in output("tshark", "-n", "-q", "-z", "sip,stat", "-r", str(path)) if line.startswith("Number of SIP messages:")
    ]
    assert int(counted[0].split()[-1]) < len(messages)


def test_a_method_of_ones_own_in_the_start_line_alone(shared_data: Path) -> None:
    """The start line says INVITE1, CSeq says INVITE, against RFC 3261 8.1.1.5. tshark's statistics go by the one; `message.method`
    is the other, which its answer repeats, and tshark's dissector shows both."""
    path = shared_data / "pcap/sip/snort3demo_user_defined_method.pcap"
    assert fields(path, "sip.Method", "sip.CSeq.method", "sip.Status-Code") == [["INVITE1", "INVITE", ""], ["", "INVITE", "487"]]
    rows = read_file(path)["message"]
    assert [(row["method"], row["status"]) for row in rows] == [("INVITE", None), ("INVITE", 487)]
    assert rows[0]["start_line"].startswith("INVITE1 ")


@pytest.mark.parametrize("name", AFTER_STUN)
def test_without_the_stun_check_tshark_agrees(name: str, shared_data: Path, tmp_path: Path) -> None:
    """The same RTP, announced by the same SDP; the only thing taken away is STUN, and tshark counts what siplens does with it."""
    path, without = shared_data / name, tmp_path / "without"
    frames = output("tshark", "-r", str(path), "-Y", "stun or classicstun", "-T", "fields", "-e", "frame.number")
    subprocess.run(["editcap", str(path), str(without), *frames], check=True, capture_output=True)
    ours, theirs = announced(read_file(path)), streams(without)
    assert ours.keys() == theirs.keys()
    assert all(alike(ours[key], theirs[key]) for key in ours)
    wrong = streams(path)
    assert any(key not in wrong or not alike(ours[key], wrong[key]) for key in ours)


def streams(path: Path) -> dict[FlowKey, Stream]:
    return dict(_stream(line) for line in output("tshark", "-n", "-q", "-z", "rtp,streams", "-r", str(path)) if "%)" in line)


def test_tshark_loses_sip_behind_keep_alives_in_a_stream(tmp_path: Path) -> None:
    """Twenty messages with the keep-alives of RFC 5626 4.4.1 between them: all are there, tshark 4.0 shows one."""
    texts = [sip(f"m{n}", body="b" * (n * 91 % 700)) for n in range(20)]
    stream, path = b"\r\n\r\n".join(texts), tmp_path / "c.pcap"
    path.write_bytes(pcap([(at / 1e5, tcp_frame(stream[at : at + 500], 1000 + at)) for at in range(0, len(stream), 500)]))
    assert [row["call_id"] for row in read_file(path)["message"]] == [f"m{n}" for n in range(20)]
    assert len(fields(path, "sip.Call-ID")) < 20


def test_tshark_takes_a_channels_number_for_a_version_of_rtp(tmp_path: Path) -> None:
    """ChannelData (RFC 8656 12.4) to a port that SDP announced, as where a relay's address is the one in SDP: its first bits are 01, and
    tshark says "Unknown RTP version 1" and counts no stream. The same RTP without the four bytes is one of 30 packets to both."""
    offer = (0.0, udp_frame(sip(body=sdp(B, 40_000))))
    packets = [(1 + n * 0.02, rtp(n, n * 160)) for n in range(30)]
    inside, plain = tmp_path / "inside.pcap", tmp_path / "plain.pcap"
    head = b"\x40\x01\x00\xac"
    inside.write_bytes(pcap([offer, *((at, udp_frame(head + packet, (50_000, 40_000))) for at, packet in packets)]))
    plain.write_bytes(pcap([offer, *((at, udp_frame(packet, (50_000, 40_000))) for at, packet in packets)]))
    versions = output("tshark", "-n", "-r", str(inside), "-Y", "rtp", "-T", "fields", "-e", "rtp.version")
    assert versions == ["1"] * 30
    assert streams(inside) == {}
    ours, theirs = announced(read_file(inside)), streams(plain)
    assert ours.keys() == theirs.keys()
    assert all(alike(ours[key], theirs[key]) for key in ours)


def test_tshark_cuts_clock_rates_to_whole_kilohertz(tmp_path: Path) -> None:
    """Packets that leave every 20 ms by a clock of 11,025 Hz and arrive so have no jitter (RFC 3550 6.4.1); tshark divides by 11 kHz."""
    offer = (0.0, udp_frame(sip(body=sdp(B, 40_000, "96 L8/11025", 96))))
    packets = [(1 + n * 0.02, udp_frame(rtp(n, n * 220_500 // 1000, payload_type=96), (30_000, 40_000))) for n in range(200)]
    path = tmp_path / "c.pcap"
    path.write_bytes(pcap([offer, *packets]))
    (ours,), (theirs,) = announced(read_file(path)).values(), streams(path).values()
    assert ours[:2] == theirs[:2] == (200, 0)
    assert ours.jitter is not None
    assert theirs.jitter is not None
    assert ours.jitter[2] < 0.1
    assert theirs.jitter[2] == pytest.approx(220.5 / 11 - 20, abs=0.05), "220.5 ticks at 11 kHz instead of 11.025"
