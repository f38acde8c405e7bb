"""Reads one capture: drives the compiled pass over the file's blocks and turns what it keeps into record batches."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np

from siplens.capture import containers, hep
from siplens.capture import kernel_layout as k
from siplens.capture.evidence import Evidence
from siplens.capture.files import EXPECTED, HEAD, Blocks
from siplens.capture.flows import flow_batch
from siplens.capture.fragments import Fragments
from siplens.capture.framing import Framed
from siplens.capture.health import Findings, note_counters
from siplens.capture.kept import KeptMessages
from siplens.capture.kernel import walk
from siplens.capture.kernel_layout import Array
from siplens.capture.left_over import LeftOver, tshark_is_here
from siplens.capture.links import LINK_TYPES, LinkType
from siplens.capture.memory import Memory
from siplens.capture.rows import Gathered, batch, timestamp
from siplens.capture.seam import PAUSE_NS, End, Seam, pack, rows_of, take_over, unpack
from siplens.capture.streams import Streams
from siplens.errors import UnreadableFileError
from siplens.native import prepare
from siplens.records import Batch
from siplens.sip.compiled import COMPILED

Progress = Callable[[int], None]
_HEAD_BYTES = 1 << 16
"""Enough to tell the forms of pcap apart by their first records."""


def read_capture(
    path: Path,
    *,
    blocks: Blocks | None = None,
    progress: Progress | None = None,
    link_types: tuple[LinkType, ...] = LINK_TYPES,
    ask_tshark: bool = True,
    seam: Seam | None = None,
) -> Iterator[Batch]:
    """Batches of all evidence in a capture; the last one is its `source` row.

    blocks: the file's bytes, where it is open already. progress: told now and then how many bytes of the file were read.
    ask_tshark: frames that the kernel does not open go to tshark, where it is installed. seam: what the file before left, if it is one of
    several, and where this one leaves what is under way at its end. A capture that ends in the middle, or is
    damaged, gives what can be read and a `capture_health` row. Raises UnreadableFileError for what is no capture.
    """
    with blocks or Blocks(path) as opened:
        reading = _Reading(opened, link_types, ask_tshark)
        if seam is not None:
            reading.join(seam)
        yield from reading.batches(progress)


_IF_IT_GROWS = "; if it is still being written, ingest it again later: the whole file takes its place"

_WORTH_A_BATCH = 4_000
"""Messages that are parsed and stored while the rest of the capture is read, and not after its end."""


class _Reading:
    """State of reading one capture."""

    def __init__(self, blocks: Blocks, link_types: tuple[LinkType, ...], ask_tshark: bool) -> None:
        self.blocks = blocks
        self.memory = Memory(link_types)
        self.findings = Findings()
        self.notes = containers.Notes()
        self.fragments = Fragments(self.findings)
        self.streams = Streams(self.findings)
        self.gathered = Gathered()
        self.evidence = Evidence(self.gathered, self.notes)
        self.left_over = LeftOver()
        self.asks_tshark = self.left_over.asked = ask_tshark and tshark_is_here()
        self.memory.m[k.OPEN_LEFT] = int(self.asks_tshark)
        self.seam: Seam | None = None
        self.kept = KeptMessages(self.memory, self.findings)
        self.format = ""

    def join(self, seam: Seam) -> None:
        """Go on from the file before, if there is one, and leave to the next one what is under way at the end."""
        self.seam = seam
        carried = unpack(seam.before) if seam.before else None
        if carried:
            take_over(carried, self.memory, self.streams, self.fragments)
            seam.last_said = carried.said

    def batches(self, progress: Progress | None) -> Iterator[Batch]:
        """All batches of the capture."""
        block = self.blocks.next(0)
        if block is None:
            raise UnreadableFileError(f"{self.blocks.path}: {self.blocks.problem or 'is empty'}, {EXPECTED}")
        buffer, start, end, base = block
        head = bytes(buffer[start : min(end, start + _HEAD_BYTES)])
        self.format = containers.container_of(head) or ""
        if not self.format:
            raise UnreadableFileError(f"{self.blocks.path}: is no packet capture, {EXPECTED}")
        prepare(walk, *COMPILED)
        begins = containers.begin(self.memory, head)
        if begins is None:
            self.findings.add("truncated_file", None, "the file ends within its own header")
            yield from self._end()
            return
        start += begins
        while True:
            if start <= end:
                start, damage = yield from self._walk(buffer, start, end, base)
                if damage:
                    self._note_damage("corrupt_record", damage, base + start)
                    break
            if progress:
                progress(self.blocks.read_bytes)
            yield from self.gathered.batches()
            waiting = end - start
            if waiting > HEAD:
                self._note_damage("corrupt_record", "a block longer than a capture may hold", base + start)
                break
            block = self.blocks.next(max(waiting, 0))
            if block is None:
                if self.blocks.problem:
                    self._note_damage("truncated_file", self.blocks.problem, base + start)
                elif waiting:
                    self._note_damage("truncated_file", "the file ends within a packet", base + end, _IF_IT_GROWS)
                break
            beyond = max(-waiting, 0)
            buffer, start, end, base = block
            start += beyond
        yield from self._end()

    def _note_damage(self, check: str, what: str, offset: int, more: str = "") -> None:
        frame = int(self.memory.m[k.FRAME])
        self.findings.add(check, frame or None, f"{what} (after frame {frame}, at byte {offset}); what comes before it was read{more}")

    def _walk(self, buffer: Array, start: int, end: int, base: int) -> Generator[Batch, None, tuple[int, str | None]]:
        """Work through a block; returns (where it stopped, what is damaged there or None). A stop beyond `end`: step over that much."""
        memory = self.memory
        while True:
            start = walk(memory.m, memory.x, memory.b, buffer, start, end, base)
            status = int(memory.m[k.STATUS])
            if status == k.MORE:
                yield from self._drain()
                if memory.m[k.MESSAGES_USED] >= _WORTH_A_BATCH:
                    yield from self.kept.flush()
                return start, None
            if status == k.SKIP:
                return end + int(memory.m[k.SKIP_BYTES]), None
            if status == k.CORRUPT:
                return start, "a record that contradicts itself"
            if status == k.BLOCK:
                try:
                    size = containers.block_size(memory, bytes(buffer[start : start + 12]))
                    if start + size > end:
                        return start, None
                    containers.block(memory, bytes(buffer[start : start + size]), self.notes)
                    memory.m[k.OPEN_TLS] = int(self.asks_tshark and bool(self.notes.secrets))
                except containers.CorruptBlockError as error:
                    return start, str(error)
                start += size
            else:
                yield from self._make_room(status)

    def _make_room(self, status: int) -> Iterator[Batch]:
        """Do what the pass stopped for."""
        if status == k.FLUSH:
            yield from self.kept.flush()
        elif status == k.GROW_FLOWS:
            self.memory.grow_flows()
        elif status == k.GROW_BINDINGS:
            self.memory.grow_bindings()
        else:
            yield from self._drain()

    def _drain(self) -> Iterator[Batch]:
        """Look at the packets that were set aside, until none is left."""
        memory = self.memory
        while memory.m[k.ASIDES_USED]:
            rows = memory.asides.copy()
            used = int(memory.m[k.ASIDE_USED])
            text = bytes(memory.b[k.ASIDE : k.ASIDE + used])
            memory.m[k.ASIDES_USED] = memory.m[k.ASIDE_USED] = memory.m[k.PENDING] = 0
            for row in rows:
                start = int(row[k.R_START])
                yield from self._aside(row, text[start : start + int(row[k.R_LENGTH])])
            for row in rows[rows[:, k.R_KIND] == k.KIND_TCP]:
                self._realign(row)

    def _aside(self, row: Array, text: bytes) -> Iterator[Batch]:
        kind = int(row[k.R_KIND])
        if kind == k.KIND_TCP:
            yield from self._keep(self.streams.add(text, row))
        elif kind == k.KIND_FRAGMENT:
            whole = self.fragments.add(text, row)
            if whole is not None:
                yield from self._reassembled(whole, row)
        elif kind == k.KIND_COPY:
            plain = hep.unpacked(text)
            if plain is None:
                self.findings.add("hep_unread", int(row[k.R_FRAME]), "HEP packets with a payload compressed in a form that is not known")
            else:
                yield from self._reassembled(hep.datagram(plain, row), row)
        elif kind == k.KIND_LEFT:
            if not self.left_over.add(text, row):
                self.memory.m[k.OPEN_LEFT] = self.memory.m[k.OPEN_TLS] = 0
        else:
            self.evidence.add(text, row, self.memory)

    def _keep(self, messages: Iterator[Framed]) -> Iterator[Batch]:
        """Take what streams gave: SIP as it is, HEP packets through the pass, as if each had come in a datagram."""
        for message in messages:
            if message.kind == k.KIND_COPY:
                yield from self._reassembled(hep.datagram(message.text, message.row), message.row)
            else:
                yield from self.kept.add(message)

    def _realign(self, row: Array) -> None:
        """Tell the pass what is known of a TCP direction: that it is SIP, and where it may take whole messages itself again."""
        m, stream = self.memory.m, int(row[k.R_C])
        # The place may have gone to another direction meanwhile.
        addresses = [m[stream + column] for column in (k.S_SRC_HI, k.S_SRC_LO, k.S_DST_HI, k.S_DST_LO)]
        ports = row[k.R_SRC_PORT] * 65536 + row[k.R_DST_PORT]
        if m[stream + k.S_PORTS] != ports or addresses != row[k.R_SRC_HI : k.R_DST_LO + 1].tolist():
            return
        following = self.streams.aligned(row)
        if following is not None:
            m[stream + k.S_ALIGNED], m[stream + k.S_NEXT] = 1, following
        if self.streams.is_sip(row):
            m[stream + k.S_STATE] = k.STREAM_SIP

    def _reassembled(self, packet: bytes, row: Array) -> Iterator[Batch]:
        """Send an IP packet that was put together, or was inside a tunnel, through the pass as the frame that gave it."""
        memory, buffer = self.memory, np.frombuffer(packet, dtype=np.uint8)
        status = k.DRAIN
        while status != k.MORE:
            m = memory.m
            frame = int(m[k.FRAME])
            m[k.MODE], m[k.FRAME] = k.MODE_PACKET, row[k.R_FRAME] - 1
            m[k.ONE_TIME], m[k.ONE_OFFSET] = row[k.R_TIME], row[k.R_OFFSET]
            walk(m, memory.x, memory.b, buffer, 0, buffer.size, 0)
            status = int(m[k.STATUS])
            m[k.MODE], m[k.FRAME] = k.MODE_RECORDS, frame
            if status != k.MORE:
                yield from self._make_room(status)

    def _end(self) -> Iterator[Batch]:
        memory = self.memory
        yield from self._drain()
        if len(self.left_over):
            yield from self._hand_over()
        if self.seam is not None and memory.m[k.LAST_TIME] != k.NO_TIME:
            yield from self._leave(self.seam, int(memory.m[k.LAST_TIME]))
        yield from self._keep(self.streams.finish())
        yield from self._drain()
        self.fragments.finish()
        yield from self.kept.flush()
        flows = flow_batch(memory, self.evidence.handshakes())
        if flows is not None:
            yield flows
        self.evidence.finish()
        note_counters(memory, self.notes, self.left_over, self.findings)
        for row in self.findings.rows():
            self.gathered.add("capture_health", row)
        yield from self.gathered.batches(at_end=True)
        yield batch("source", [self._source()])

    def _leave(self, seam: Seam, last: int) -> Iterator[Batch]:
        """Keep what is under way for the file that goes on here. Messages that end with this file come behind all others."""
        yield from self._keep(self.streams.finish_old(last - PAUSE_NS))
        yield from self._drain()
        self.fragments.finish_old(last - PAUSE_NS)
        yield from self.kept.flush()
        state = pack(self.memory, self.streams, self.fragments, last, seam.last_said)
        seam.end = End(last, self.kept.ordinal, rows_of(list(self.findings.rows())), state)

    def _hand_over(self) -> Iterator[Batch]:
        """Let tshark open what was left over: IP packets inside go through the pass, SIP out of TLS or SCTP is kept as it is."""
        memory = self.memory
        memory.m[k.OPEN_LEFT] = memory.m[k.OPEN_TLS] = 0
        counted = memory.left_over.copy()
        for one in self.left_over.opened(self.notes.secrets):
            opened = bool(one.messages)
            if one.packet is not None:
                yield from self._reassembled(one.packet, one.row)
                yield from self._drain()
                opened = bool((memory.left_over == counted).all())
                memory.left_over[:] = counted
            for text in one.messages:
                yield from self.kept.add(Framed(text, one.row, one.kind))
            self.left_over.note(one, opened=opened)

    def _source(self) -> dict[str, object]:
        m = self.memory.m
        return {
            "format": self.format,
            "format_status": "verified",
            "first_ts": timestamp(int(m[k.FIRST_TIME])),
            "last_ts": timestamp(int(m[k.LAST_TIME])),
            "link_types": containers.link_names(self.memory),
            "packets": int(self.memory.interfaces[:, k.I_PACKETS].sum()),
            "engine": "native+wireshark" if self.left_over.used else "native",
        }
