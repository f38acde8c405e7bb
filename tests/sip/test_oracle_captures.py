"""The compiled scan against the grammars on every SIP message of every real capture, byte by byte as the wire carried it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siplens.capture.kept
from siplens.capture import read_capture, recognise

from .oracle import assert_same_messages, assert_same_sdp

PIECES = 8


@pytest.fixture(scope="module")
def wire_messages(shared_data: Path) -> list[bytes]:
    """Each different message of the captures once; read where the capture engine hands them to the parser."""
    found: dict[bytes, None] = {}
    parse = siplens.capture.kept.parse_messages

    def listen(buffer: np.ndarray[Any, Any], starts: Any, lengths: Any, *others: Any) -> Any:
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            found[buffer[start : start + length].tobytes()] = None
        return parse(buffer, starts, lengths, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(siplens.capture.kept, "parse_messages", listen)
        for path in sorted(shared_data.glob("pcap/**/*.pcap*")):
            if recognise(path.read_bytes()[:65536]):
                for _ in read_capture(path, ask_tshark=False):
                    pass
    return list(found)


def test_there_are_thousands(wire_messages: list[bytes]) -> None:
    assert len(wire_messages) > 10_000


@pytest.mark.parametrize("piece", range(PIECES))
def test_messages(wire_messages: list[bytes], piece: int) -> None:
    some = wire_messages[piece::PIECES]
    assert assert_same_messages(some) > 0.9 * len(some)


def test_sdp(wire_messages: list[bytes]) -> None:
    bodies = {message.partition(b"\r\n\r\n")[2] for message in wire_messages}
    assert assert_same_sdp(sorted(body for body in bodies if body.startswith(b"v=0"))) > 80
