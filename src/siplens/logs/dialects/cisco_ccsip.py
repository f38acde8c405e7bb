"""Cisco IOS: debug ccsip messages. Shapes: grammars/cisco_ccsip.lark."""

from __future__ import annotations

import re
from typing import ClassVar

from siplens.logs.traced import Traced


class Dialect(Traced):
    """Sent or received in the head; both addresses in newer releases, else what the topmost Via says."""

    BY_VIA: ClassVar[bool] = True
    UNTIMED: ClassVar[str] = (
        "the router stamps lines with its uptime; set 'service timestamps debug datetime msec show-timezone year' there"
    )

    def time(self, head: re.Match[str]) -> int | None:
        """None where the line tells the time since the router started."""
        return super().time(head) if head["date"] else None
