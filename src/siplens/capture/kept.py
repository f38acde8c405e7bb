"""SIP messages kept until there are enough to parse at once: those that the pass keeps itself, and those out of streams."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siplens.capture import kernel_layout as k
from siplens.capture.framing import Framed
from siplens.capture.health import Findings
from siplens.capture.kernel import walk
from siplens.capture.memory import Memory
from siplens.capture.rows import observed
from siplens.records import Batch
from siplens.sip import parse_messages


class KeptMessages:
    """The messages in a pass's memory, and how many were parsed before."""

    def __init__(self, memory: Memory, findings: Findings) -> None:
        self.memory = memory
        self.findings = findings
        self.ordinal = 0

    def add(self, message: Framed) -> Iterator[Batch]:
        """Put a message out of a stream beside those out of datagrams, and note what it announces."""
        if message.row[k.R_FRAME] == 0:
            self.findings.add("tcp_gaps", None, "SIP messages that began in the file before this one and never ended")
            return
        memory, size = self.memory, len(message.text)
        if memory.m[k.ARENA_USED] + size > k.ARENA_SIZE or memory.m[k.MESSAGES_USED] >= k.MAX_MESSAGES:
            yield from self.flush()
        if memory.m[k.BINDINGS_USED] * 2 > memory.m[k.BINDINGS_MASK] and memory.m[k.BINDINGS_MASK] < memory.m[k.MAX_BINDINGS]:
            memory.grow_bindings()
        m = memory.m
        start = int(m[k.ARENA_USED])
        memory.b[k.ARENA + start : k.ARENA + start + size] = np.frombuffer(message.text, dtype=np.uint8)
        m[k.MESSAGES_USED] += 1
        kept = memory.messages[-1]
        kept[:] = message.row
        kept[k.R_KIND], kept[k.R_START], kept[k.R_LENGTH] = message.kind, start, size
        m[k.ARENA_USED] = start + size
        m[k.MODE] = k.MODE_ANNOUNCE
        walk(m, memory.x, memory.b, memory.b, k.ARENA + start, k.ARENA + start + size, 0)
        m[k.MODE] = k.MODE_RECORDS

    def flush(self) -> Iterator[Batch]:
        """Parse the messages kept so far, in order of frames."""
        memory = self.memory
        rows = memory.messages
        if not len(rows):
            return
        rows = rows[np.argsort(rows[:, k.R_FRAME], kind="stable")]
        arena = memory.b[k.ARENA : k.ARENA + int(memory.m[k.ARENA_USED])]
        yield from parse_messages(arena, rows[:, k.R_START], rows[:, k.R_LENGTH], observed(rows), self.ordinal)
        self.ordinal += len(rows)
        memory.m[k.ARENA_USED] = memory.m[k.MESSAGES_USED] = 0
