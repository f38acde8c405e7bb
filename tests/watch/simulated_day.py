"""Two hours of calls, written as dumpcap and a server write them, with the time compressed: a ring of captures and rolled logs.

The calls are those of the sample traces' lab: every third one forks and is cancelled, others bypass or are mediated; some
are also seen by the front end's log. Bytes come in pieces that end anywhere, also within a packet or a line; each file of the ring
ends within a SIP message over TCP, and each file of the log within a record.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from siplens.resources import shipped_folder

sys.path.insert(0, str(shipped_folder("sample_traces")))
sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))

from forked_calls import FORK_S, cancelled, forked_call
from lab import ANNA, BEN, CARLA, DAVID, EMMA, FRONT_END, outbound
from ordinary_calls import client_calls, client_hangs_up, gateway_answers, media_addresses, offer_to_gateway, outbound_call
from packets import sip, tcp_frame
from trace_writer import Capture, Proxy, ServerLog
from trace_writer.files import Frame, pcapng

DAY_S = 7200.0
PEOPLE = [ANNA, BEN, CARLA, DAVID, EMMA]


@dataclass
class Piece:
    """Some bytes that a program writes at a moment of the day; `rolls_to`: it then renames the file and begins it anew."""

    at: float
    file: str
    data: bytes
    rolls_to: str | None = None


def pieces(seed: int, calls: int, ring_frames: int) -> list[Piece]:
    """All that is written in the day, in order of time."""
    chance = random.Random(seed)
    capture = Capture("2026-03-10 09:00:00")
    log = ServerLog("2026-03-10 09:00:00", FRONT_END, "POOL01\\FE01")
    for number in range(1, calls + 1):
        _call(chance, capture, log, number, DAY_S * (number - chance.random()) / (calls + 1))
    return sorted([*_ring(chance, capture, ring_frames), *_rolled(chance, log)], key=lambda piece: piece.at)


def _call(chance: random.Random, capture: Capture, log: ServerLog, number: int, at: float) -> None:
    person, far = PEOPLE[number % len(PEOPLE)], f"+142555501{number:02d}"
    if number % 3 == 0:
        call = forked_call(capture, at, number, person, far, PEOPLE[: 2 + number % 4], reliable=False)
        cancelled(call, at + FORK_S[1 + number % 4 - (number % 4 > 2)] + 0.3)
    elif number % 3 == 1:
        outbound_call(capture, at, number, person, far, direct=chance.random() < 0.5, seconds=1.0)
    else:
        call = outbound([capture], number, person, far)
        call.client_leg.proxy = Proxy(FRONT_END, listens=5061, sends=49811 + number)
        call.client_leg.transports = ("tls", "tcp")
        call.client_leg.sinks = ([log], [capture, log])
        sdp = media_addresses(call, direct=True)
        client_calls(call, at)
        offer_to_gateway(call, at + 0.04, sdp)
        gateway_answers(call, at + 0.9, sdp)
        # This one talks for long, so that it begins in one file and ends in another.
        client_hangs_up(call, at + 60 + 600 * chance.random())


def _ring(chance: random.Random, capture: Capture, ring_frames: int) -> Iterator[Piece]:
    """dumpcap -b packets:N: each file whole in itself, with its own header, named by number and time."""
    frames = sorted(capture._frames, key=lambda frame: frame.unix_ns)
    start = capture.unix_ns(0)
    rest: list[Frame] = []
    for number, first in enumerate(range(0, len(frames), ring_frames), 1):
        part = [*rest, *frames[first : first + ring_frames]]
        begun, rest = _cut_message(number, part[-1].unix_ns)
        part.append(begun)
        at = (part[0].unix_ns - start) / 1e9
        stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(part[0].unix_ns / 1e9))
        until = (part[-1].unix_ns - start) / 1e9
        yield from _torn(chance, f"trunk_{number:05d}_{stamp}.pcapng", pcapng(part, ["mirror"], "synthetic"), at, until)


def _cut_message(number: int, after_ns: int) -> tuple[Frame, list[Frame]]:
    """A message over TCP in two segments: the last frame of one file, the first of the next."""
    text = sip(f"cut-{number}", method="OPTIONS", body="v=0\r\n" + "x" * 300)
    segments = (tcp_frame(text[:200], 1, ports=(6000 + number, 5060)), tcp_frame(text[200:], 201, ports=(6000 + number, 5060)))
    first, second = (Frame(after_ns + 1_000_000 * place, 0, segment) for place, segment in enumerate(segments, 1))
    return first, [second]


def _rolled(chance: random.Random, log: ServerLog) -> Iterator[Piece]:
    """The server writes server.log; every twenty minutes it renames it, amid a record, and begins a new one."""
    records = sorted(log._records)
    twenty_minutes: dict[int, list[str]] = {}
    for moment, text in records:
        twenty_minutes.setdefault(moment.hour * 3 + moment.minute // 20, []).append(text.replace("{sequence}", "00000001"))
    slots = sorted(twenty_minutes)
    written = ["".join(f"{text}\n" for text in twenty_minutes[slot]).replace("\n", "\r\n").encode() for slot in slots]
    for index, slot in enumerate(slots):
        at = slot * 1200.0 - 9 * 3600
        if index + 1 < len(slots):
            cut = chance.randrange(1, 400)
            written[index], written[index + 1] = written[index] + written[index + 1][:cut], written[index + 1][cut:]
        yield from _torn(chance, "server.log", written[index], at, at + 1190)
        yield Piece(at + 1195, "server.log", b"", rolls_to=f"server-{slot // 3:02d}{slot % 3 * 20:02d}-{index:05d}.log")


def _torn(chance: random.Random, file: str, data: bytes, at: float, until: float) -> Iterator[Piece]:
    """The bytes in a few pieces that end anywhere."""
    cuts = sorted({0, len(data), *(chance.randrange(1, len(data)) for _ in range(4))})
    for number, (start, end) in enumerate(pairwise(cuts)):
        yield Piece(at + (until - at) * number / len(cuts), file, data[start:end])


MIDNIGHT_NS = 1_577_836_800 * 1_000_000_000
"""When the day is played, by the times of the files: in 2020, so that it is past wherever the tests run."""


def write(piece: Piece, folder: Path) -> None:
    """What the program does at that moment of the day."""
    path = folder / piece.file
    if piece.rolls_to:
        path.rename(folder / piece.rolls_to)
        return
    with path.open("ab") as file:
        file.write(piece.data)
    os.utime(path, ns=(MIDNIGHT_NS + int(piece.at * 1e9), MIDNIGHT_NS + int(piece.at * 1e9)))
