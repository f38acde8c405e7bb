"""Packet captures into records: SIP messages, media flows, RTCP, STUN and ICMP evidence, and what a capture could not show.

`read_capture` is the way in. Importing this package does not load the compiler: that happens with the first capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from siplens.capture.containers import container_of
from siplens.capture.files import HEAD_BYTES, Digest, cut_short, unpacked_head
from siplens.capture.first_time import first_packet_time
from siplens.records import Batch

if TYPE_CHECKING:
    from siplens.capture.seam import Seam

__all__ = [
    "HEAD_BYTES",
    "Digest",
    "cut_short",
    "first_packet_time",
    "kernel_is_compiled",
    "new_seam",
    "read_capture",
    "read_stream",
    "read_with_wireshark",
    "recognise",
]


def recognise(head: bytes) -> str | None:
    """Format of a file from its first HEAD_BYTES: pcap, pcapng or snoop, also compressed; None for anything else."""
    return container_of(unpacked_head(head))


def read_capture(
    path: Path,
    *,
    progress: Callable[[int], None] | None = None,
    ask_tshark: bool = True,
    size: int | None = None,
    seam: Seam | None = None,
) -> Iterator[Batch]:
    """Batches of all evidence in a capture, its first `size` bytes if that is said; the last is its `source` row.

    See `reader.read_capture`.
    """
    from siplens.capture import reader
    from siplens.capture.files import Blocks

    blocks = Blocks(path, size=size)
    return reader.read_capture(path, blocks=blocks, progress=progress, ask_tshark=ask_tshark, seam=seam)


def read_stream(opened: BinaryIO, name: Path, digest: Digest, *, progress: Callable[[int], None] | None = None) -> Iterator[Batch]:
    """The same from bytes that come only once, such as standard input. digest takes all of them, as they are, to their end."""
    from siplens.capture import reader
    from siplens.capture.files import Blocks

    blocks = Blocks(name, opened=opened, digest=digest)
    yield from reader.read_capture(name, blocks=blocks, progress=progress)
    blocks.drain()


def read_with_wireshark(path: Path, *, keylog: Path | None = None, progress: Callable[[int], None] | None = None) -> Iterator[Batch]:
    """The same, with SIP as Wireshark sees it, and inside TLS where keys are at hand. See `wireshark_reader.read_with_wireshark`."""
    from siplens.capture import wireshark_reader

    return wireshark_reader.read_with_wireshark(path, keylog=keylog, progress=progress)


def new_seam(before: bytes | None = None) -> Seam:
    """Where a capture is joined to the files before and after it. before: what the file before left."""
    from siplens.capture.seam import Seam

    return Seam(before)


def kernel_is_compiled() -> bool:
    """Whether the packet pass was compiled on this machine before; if not, the first capture takes some seconds longer."""
    from siplens.capture import kernel

    return kernel.kernel_is_compiled()
