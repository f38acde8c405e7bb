"""AudioCodes syslog whose messages overtook each other on the way: read as if they had come in the order of their numbers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siplens.logs import read_log

SDP = "v=0 #012o=- 1 1 IN IP4 10.1.0.10 #012s=- #012c=IN IP4 10.1.0.10 #012t=0 0 #012m=audio 5000 RTP/AVP 0 #012a=sendrecv#012"


def invite(call: int) -> str:
    headers = [
        f"INVITE sip:+1425555{call:04d}@10.2.0.20 SIP/2.0",
        f"Via: SIP/2.0/UDP 10.1.0.10:5060;branch=z9hG4bK{call}",
        "From: <sip:anna@contoso.example>;tag=a1",
        "To: <sip:bob@contoso.example>",
        f"Call-ID: call-{call}",
        "CSeq: 1 INVITE",
        "Content-Type: application/sdp",
        "Content-Length: 99",
    ]
    begin = f"(N  {call}) ---- Incoming SIP Message from 10.1.0.10:5060 to SIPInterface #1 (Trunk) UDP TO(#134) SocketID(2) ---- #012"
    return begin + "".join(f"{header} #012" for header in headers) + "#012" + SDP


def syslog(calls: int, device: str = "b9027c", first: int = 1001) -> Iterator[str]:
    """Each call's INVITE in three syslog messages, and between calls one of the device itself, without a session."""
    number = first
    for call in range(calls):
        text = invite(call)
        for at in range(0, len(text), 250):
            stamp = f"[Time:05-01@10:{call // 60:02d}:{call % 60:02d}.000]"
            yield f"10:00:01.251  10.2.0.20  local0.notice  [S={number}] [SID={device}:24:{call}]  {text[at : at + 250]} {stamp}\n"
            number += 1
        yield f"10:00:01.251  10.2.0.20  local0.warn  [S={number}] [BID={device}:24]  (board)(1) nothing is wrong WARN {call}\n"
        number += 1


def overtaking(lines: list[str], by: int) -> list[str]:
    """The lines, each up to so many places too late; the same every time."""
    chance = random.Random(1)
    return [line for _, line in sorted((place + chance.uniform(0, by), line) for place, line in enumerate(lines))]


def rows(path: Path, lines: list[str]) -> dict[str, list[dict[str, Any]]]:
    path.write_text("".join(lines))
    found: dict[str, list[dict[str, Any]]] = {"message": [], "log_reject": [], "capture_health": [], "log_event": []}
    for batch in read_log(path, "audiocodes"):
        found.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    return found


def told(found: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    return {row["check_name"]: row["detail"] for row in found["capture_health"] if row["check_name"].startswith("syslog")}


@pytest.mark.parametrize("by", [2, 10, 40])
def test_pieces_that_overtook_each_other_make_the_same_messages(tmp_path: Path, by: int) -> None:
    lines = list(syslog(60))
    in_order, out_of_order = rows(tmp_path / "a.log", lines), rows(tmp_path / "b.log", overtaking(lines, by))
    assert len(in_order["message"]) == 60
    for name in ("call_id", "body", "ts", "problems"):
        assert [row[name] for row in out_of_order["message"]] == [row[name] for row in in_order["message"]]
    assert not out_of_order["log_reject"]
    assert set(told(out_of_order)) == {"syslog_order"}
    assert "came out of order and were put back by their numbers" in told(out_of_order)["syslog_order"]
    assert told(in_order) == {}


def test_a_piece_that_never_came_is_told_with_its_place_and_the_message_is_marked(tmp_path: Path) -> None:
    lines = list(syslog(30))
    del lines[5]  # the second piece of call 1
    found = rows(tmp_path / "a.log", overtaking(lines, 5))
    assert [row["call_id"] for row in found["message"] if row["problems"]] == [None]
    assert told(found)["syslog_gaps"].startswith("1 syslog messages of device b9027c are missing; the first gap is S=1006, before line ")


def test_devices_count_for_themselves(tmp_path: Path) -> None:
    one, other = list(syslog(20)), list(syslog(20, "aa0001", 50_000))
    mixed = [line for pair in zip(one, other, strict=True) for line in pair]
    found = rows(tmp_path / "a.log", overtaking(mixed, 8))
    assert len(found["message"]) == 40
    assert set(told(found)) == {"syslog_order"}


def test_a_device_that_starts_anew_and_a_message_that_comes_twice(tmp_path: Path) -> None:
    lines = [*syslog(30, first=70_000), *syslog(30, first=1)]
    found = rows(tmp_path / "a.log", [*lines[:7], *lines[5:]])
    assert len(found["message"]) == 60
    assert told(found) == {"syslog_repeated": "2 syslog messages of device b9027c came twice; read once"}


def test_one_that_comes_later_than_others_were_waited_for_is_no_longer_missing(tmp_path: Path) -> None:
    lines = list(syslog(60))
    warning = lines.pop(3)
    found = rows(tmp_path / "a.log", [*lines[:150], warning, *lines[150:]])
    assert "syslog_gaps" not in told(found)
    assert len(found["log_event"]) == 60
