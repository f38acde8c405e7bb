"""One capture and its text export by sngrep, made on a machine two hours east: each message is one, with two observations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from siplens.capture import read_capture
from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.store import memory_store

from ..capture.packets import pcap, sdp, sip, udp_frame


def exported(capture: Path, hours: int) -> str:
    """As sngrep 1.6 saves dialogs: time, both ends, the message, empty lines."""
    rows = [row for batch in read_capture(capture) if batch.table == "message" for row in batch.rows.to_pylist()]
    texts = []
    for row in rows:
        seen = row["ts"] + timedelta(hours=hours)
        lines = [
            f"{seen:%Y/%m/%d %H:%M:%S.%f} {row['src_ip']}:{row['src_port']} -> {row['dst_ip']}:{row['dst_port']}",
            row["start_line"],
            *(f"{header['name']}: {header['value']}" for header in row["headers"]),
        ]
        body = (row["body"] or "").replace("\r\n", "\n")
        texts.append("\n".join(lines) + f"\n\n{body}\n\n")
    return "".join(texts)


def test_same_messages_in_a_capture_and_in_its_export(shared_data: Path, tmp_path: Path) -> None:
    capture = shared_data / "pcap" / "sip" / "sngrep_aaa.pcap"
    (tmp_path / "export.txt").write_text(exported(capture, hours=2), encoding="utf-8")
    with memory_store() as store:
        for outcome in ingest_paths(store, [str(capture), str(tmp_path / "export.txt")]):
            assert outcome.error is None
            assert outcome.rows["message"] == 81
        derive(store)
        assert store.value("select clock_offset_ms from source where format = 'sip-export'") == -2 * 3600 * 1000
        assert store.value("select count(*) from message where same_as is not null") == 81
        assert store.value("select count(*) from message where not is_duplicate and source_id = (select min(source_id) from source)") == 81
        assert store.value("select count(*) from call") == 4
        assert store.value("select bool_and(len(sources) = 2) from call")


def test_messages_with_several_parts_are_the_same_in_a_capture_and_in_its_export(tmp_path: Path) -> None:
    """SDP beside another part, as of Lync's forked offers: two offers that differ in one part alone are two messages to both witnesses."""
    boundary = "--part"

    def several(port: int, second: str) -> bytes:
        parts = [
            f"Content-Type: application/sdp\r\n\r\n{sdp('192.0.2.1', port)}",
            f"Content-Type: application/rs-metadata+xml\r\n\r\n{second}",
        ]
        body = "".join(f"{boundary}\r\n{part}\r\n" for part in parts) + f"{boundary}--\r\n"
        return sip(body=body).replace(b"application/sdp\r\nContent-Length", b'multipart/mixed; boundary="part"\r\nContent-Length')

    texts = [several(20_000, "<one/>"), several(20_000, "<two/>"), several(30_000, "<one/>"), several(20_000, "<one/>")]
    capture, log = tmp_path / "c.pcap", tmp_path / "export.txt"
    capture.write_bytes(pcap([(n / 2, udp_frame(text)) for n, text in enumerate(texts)]))
    log.write_text(exported(capture, hours=0), encoding="utf-8")
    with memory_store() as store:
        for outcome in ingest_paths(store, [str(capture), str(log)]):
            assert (outcome.error, outcome.rows["message"]) == (None, 4)
        derive(store)
        same = store.query("select message.ts = other.ts from message join message as other on other.message_id = message.same_as").rows
        assert same == [(True,)] * 4
        assert store.value("select count(*) from message where is_retransmission") == 2, "the fourth is the first again, to either witness"
        assert store.value("select count(distinct (port, address)) from sdp_media") == 2


PARTS = [
    f"Content-Type: application/sdp\r\nContent-Disposition: session; ms-proxy-2007fallback\r\n\r\n{sdp('192.0.2.1', 20_000)}",
    f"Content-Type: application/sdp\r\n\r\n{sdp('192.0.2.1', 20_002)}",
]


def offer(boundary: str) -> bytes:
    """An INVITE with two alternatives, as Lync's clients send it."""
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in PARTS) + f"--{boundary}--\r\n"
    typed = f'multipart/alternative; boundary="{boundary}"\r\nContent-Length'.encode()
    return sip(body=body).replace(b"application/sdp\r\nContent-Length", typed)


def without_length(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("Content-Length:"))


@pytest.mark.parametrize(
    "logged",
    [
        pytest.param(lambda: offer("other"), id="another boundary"),
        pytest.param(lambda: sip(body=PARTS[1].partition("\r\n\r\n")[2]), id="one part only"),
        pytest.param(lambda: sip(), id="no body"),
    ],
)
def test_a_log_that_holds_another_or_less_of_a_body_is_a_witness_of_the_same_message(tmp_path: Path, logged: Callable[[], bytes]) -> None:
    """What the capture has of the body counts: the offer keeps its two parts, and the log adds none."""
    capture, copy, log = tmp_path / "c.pcap", tmp_path / "copy.pcap", tmp_path / "export.txt"
    capture.write_bytes(pcap([(0, udp_frame(offer("part")))]))
    copy.write_bytes(pcap([(0, udp_frame(logged()))]))
    log.write_text(without_length(exported(copy, hours=0)), encoding="utf-8")
    with memory_store() as store:
        outcomes = list(ingest_paths(store, [str(log), str(capture)]))
        assert [(outcome.error, outcome.rows["message"]) for outcome in outcomes] == [(None, 1), (None, 1)]
        derive(store)
        kinds = "select source.kind, message.is_duplicate from message join source using (source_id) order by all"
        assert store.query(kinds).rows == [("capture", False), ("log", True)]
        assert store.query("select port from counted_sdp join leg_message using (message_id) where is_first").rows == [(20_002,)]


def test_bodies_tell_messages_apart_where_a_source_saw_several_under_one_head(tmp_path: Path) -> None:
    """Two offers in one capture that differ in their bodies alone; the log's third body is neither of them."""
    capture, copy, log = tmp_path / "c.pcap", tmp_path / "copy.pcap", tmp_path / "export.txt"
    capture.write_bytes(pcap([(n / 2, udp_frame(sip(body=sdp("192.0.2.1", port)))) for n, port in enumerate((20_000, 30_000))]))
    copy.write_bytes(pcap([(0, udp_frame(sip()))]))
    log.write_text(without_length(exported(copy, hours=0)), encoding="utf-8")
    with memory_store() as store:
        assert all(not outcome.error for outcome in ingest_paths(store, [str(capture), str(log)]))
        derive(store)
        assert store.value("select count(*) from message where is_duplicate") == 0


def test_a_capture_without_the_body_does_not_hide_the_log_that_has_it(tmp_path: Path) -> None:
    capture, whole, log = tmp_path / "c.pcap", tmp_path / "whole.pcap", tmp_path / "export.txt"
    capture.write_bytes(pcap([(0, udp_frame(sip()))]))
    whole.write_bytes(pcap([(0, udp_frame(sip(body=sdp("192.0.2.1", 20_000))))]))
    log.write_text(exported(whole, hours=0), encoding="utf-8")
    with memory_store() as store:
        assert all(not outcome.error for outcome in ingest_paths(store, [str(capture), str(log)]))
        derive(store)
        assert store.value("select count(*) from message where is_duplicate") == 0
        assert store.query("select address, port from counted_sdp").rows == [("192.0.2.1", 20_000)]
