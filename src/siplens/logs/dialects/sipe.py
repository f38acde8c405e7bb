"""Pidgin SIPE's debug log: a Lync client, its messages with times in UTC, no addresses. Shapes: grammars/sipe.lark."""

from __future__ import annotations

from typing import ClassVar

from siplens.logs.blocks import Record
from siplens.logs.traced import Traced


class Dialect(Traced):
    """A message stands between MESSAGE START and MESSAGE END."""

    BY_VIA: ClassVar[bool] = True

    def without_message(self, record: Record, size: int) -> str | None:
        """After MESSAGE END none is expected."""
        return None if record.head and record.head["edge"] == "END" else super().without_message(record, size)
