"""Asterisk's SIP traces. A head names the other end only. Shapes: grammars/asterisk.lark."""

from __future__ import annotations

import re
from typing import ClassVar

from siplens.logs.framing import without_colours
from siplens.logs.traced import NOWHERE, Place, Traced, place


class Dialect(Traced):
    """Direction is in the head's words; a time is in the head, or the message has none."""

    UNTIMED: ClassVar[str] = "the console wrote none; use the log file, or 'asterisk -rT'"

    def time(self, head: re.Match[str]) -> int | None:
        """A history entry has seconds since 1970; other heads the line's own time, if it has one."""
        if "epoch" in head.re.groupindex and head["epoch"]:
            return int(head["epoch"]) * 1_000_000
        return super().time(head)

    def hop(self, head: re.Match[str], message: str) -> tuple[Place, Place]:
        """Sent: transmitting, for the first time or again. All else was received."""
        peer = place(head["peer"], head["peer_port"])
        is_sent = "ransmitting" in head["way"] or head["way"].endswith("Sent")
        return (NOWHERE, peer) if is_sent else (peer, NOWHERE)

    def content(self, text: str) -> str:
        """A console colours lines and puts its prompt between them."""
        return without_colours(text)
