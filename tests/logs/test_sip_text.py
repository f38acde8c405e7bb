"""Plain files of SIP messages, and which files are no log that siplens knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siplens.logs import read_log, recognise

HEADERS = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>\nCall-ID: c1\nCSeq: 1 {}\n"


def request(method: str, more: str = "", body: str = "") -> str:
    return f"{method} sip:c@d SIP/2.0\n{HEADERS.format(method)}{more}\n{body}"


def messages(path: Path, text: str) -> list[dict[str, Any]]:
    path.write_bytes(text.encode())
    assert recognise(text.encode()) == "sip-text"
    return [row for batch in read_log(path, "sip-text") if batch.table == "message" for row in batch.rows.to_pylist()]


def test_messages_one_after_another(tmp_path: Path) -> None:
    rows = messages(tmp_path / "a.sip", f"\n{request('OPTIONS')}\n\n{request('BYE')}SIP/2.0 200 OK\n{HEADERS.format('BYE')}\n")
    assert [(row["line"], row["start_line"], row["ts"], row["problems"]) for row in rows] == [
        (2, "OPTIONS sip:c@d SIP/2.0", None, []),
        (11, "BYE sip:c@d SIP/2.0", None, []),
        (18, "SIP/2.0 200 OK", None, []),
    ]


def test_rulers_and_comments_between_messages(tmp_path: Path) -> None:
    text = f"# from the gateway\n-----------\n{request('OPTIONS')}\n-----------\n\n# and its answer\n{request('BYE')}\n=========\n"
    rows = messages(tmp_path / "a.sip", text)
    assert [(row["line"], row["method"], row["body"], row["problems"]) for row in rows] == [(3, "OPTIONS", None, []), (14, "BYE", None, [])]


def test_start_lines_within_a_body_do_not_cut(tmp_path: Path) -> None:
    inner = request("INVITE").replace("\n", "\r\n")
    text = (
        request("NOTIFY", f"Content-Type: message/sip\nContent-Length: {len(inner)}\n").replace("\n", "\r\n")
        + inner
        + request("BYE").replace("\n", "\r\n")
    )
    rows = messages(tmp_path / "a.sip", text)
    assert [row["method"] for row in rows] == ["NOTIFY", "BYE"]
    assert rows[0]["body"] == inner


@pytest.mark.parametrize("folder", ["sipmsg/rfc4475", "sipmsg/kamailio"])
def test_real_files_are_recognised(shared_data: Path, folder: str) -> None:
    for path in sorted((shared_data / folder).iterdir()):
        assert recognise(path.read_bytes()[:65536]) == "sip-text", path.name
        counts = {batch.table: batch.rows.num_rows for batch in read_log(path, "sip-text")}
        # dblreq is one datagram with noise after its end; in a text file that noise is a second message.
        assert counts["message"] == (2 if path.stem == "dblreq" else 1), path.name


@pytest.mark.parametrize(
    "name",
    [
        "negative/avaya_sipserver_first300k.log",
        "negative/avaya_IPO_Monitor_Detail_Out.txt",
        "lync/avaya_nonlync_begin_record_line.txt",
        "lync/mediaConfiguration_provisionGroup_bypass.xml",
        "lync/rtpengine_issue702_lync_488.txt",
        "lync/ms_sdpext_client_offer_excerpt_onelined.txt",
        "lync/sipe_issue56_multipart_sdp_excerpt.txt",
        "lync/sipe_issue76_appsharing_sdp_excerpt.txt",
        "teams/teams_av_sdp_audio_excerpt_escaped.txt",
        "teams/x_ms_headers_table.md",
        "teams/direct_routing_incoming_invite_parameters.md",
        "lync/sfb_client_sdp_x_bypassid.sdp",
        "powershell/Get-CsTrunkConfiguration.txt",
        "MANIFEST.md",
    ],
)
def test_other_texts_are_no_log(shared_data: Path, name: str) -> None:
    assert recognise((shared_data / name).read_bytes()[:65536]) is None


@pytest.mark.parametrize("head", [b"", b"\x00" * 100, b"\xd4\xc3\xb2\xa1", b"<?xml version='1.0'?>", b"{}", b"hello\n"])
def test_other_bytes_are_no_log(head: bytes) -> None:
    assert recognise(head) is None
