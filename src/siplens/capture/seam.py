"""What goes over from one file of a ring buffer to the next: the writer cut between two packets, not between two calls.

Carried are announcements in SDP, so that media of a call that began in the file before is known and has its clock; TCP
directions with messages under way; and fragments that wait. It is kept as bytes, because the next file may be read by another
process, or another day. RTP flows are not carried: each file has its own row of a stream, with the figures of that file, because
rows are proof of what is in one file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from siplens.capture import kernel_layout as k
from siplens.capture.fragments import Fragments
from siplens.capture.kernel_layout import Array
from siplens.capture.memory import Memory
from siplens.capture.rows import Row
from siplens.capture.streams import Streams
from siplens.sip.text_columns import distinct
from siplens.version import __version__

OVERLAP_NS, PAUSE_NS = 1_000_000_000, 60_000_000_000
"""A file goes on from another whose last packet came at most so long after, or before, its own first one. What is under way waits
no longer than PAUSE_NS for its rest."""
_REMEMBERED_NS = 4 * 3600 * 1_000_000_000
"""An announcement that was not made again for so long is forgotten: sessions are refreshed more often (RFC 4028), and ports used again."""
_FORM = [__version__, "hep", k.BINDING_COLUMNS, k.STREAM_COLUMNS, k.MAX_STREAMS, k.PAYLOAD_TYPES, k.MAX_MAPS, k.MAP_TEXT]
"""State of another siplens is not taken: its columns may mean something else."""


class End(NamedTuple):
    """The end of one capture."""

    last_ns: int
    """Time of its last packet, in ns since 1970."""
    messages: int
    """How many messages it has besides those that were under way at its end; these come last."""
    health: list[Row]
    """Rows of `capture_health` that hold without what was under way, of the checks that it may have changed."""
    state: bytes


@dataclass(slots=True)
class Seam:
    """Where a capture is joined to others: the state that the file before it left, and what it leaves itself once it was read."""

    before: bytes | None = None
    end: End | None = None
    last_said: Array | None = None
    """When each announcement that was taken over had been made, in ns since 1970."""


CHANGED_CHECKS = ("tcp_gaps", "fragments_incomplete")
"""What streams and fragments that never end are told as."""


def pack(memory: Memory, streams: Streams, fragments: Fragments, last_ns: int, said_before: Array | None) -> bytes:
    """The state at the end of a capture. said_before: when the announcements that were taken over had been made."""
    bindings = memory.bindings
    said = np.full(len(bindings), last_ns, dtype=np.int64)
    old = bindings[:, k.B_KIND] & k.ANNOUNCED_BEFORE > 0
    if said_before is not None and old.any():
        # Taken over with their place in that list as a mark.
        said[old] = said_before[bindings[old, k.B_KIND] >> k.BEFORE_SHIFT]
    kept = said >= last_ns - _REMEMBERED_NS
    bindings, said = bindings[kept].copy(), said[kept]
    bindings[:, k.B_KIND] &= k.ANNOUNCED_BEFORE - 1
    maps, _ = distinct(np.append(bindings[:, k.B_MAP], 0))
    bindings[:, k.B_MAP] = np.searchsorted(maps, bindings[:, k.B_MAP])
    directions = memory.table(k.STREAMS, k.MAX_STREAMS, k.STREAM_COLUMNS)
    used = np.flatnonzero(directions[:, k.S_STATE])
    texts = memory.b[k.MAP_TEXTS : k.SCRATCH_TEXT].reshape(k.MAX_MAPS, k.MAP_TEXT)
    parts: dict[str, Any] = {
        "form": json.dumps(_FORM).encode(),
        "seed": np.array([memory.m[k.SEED]], dtype=np.int64).tobytes(),
        "bindings": bindings.tobytes(),
        "said": said.tobytes(),
        "clocks": memory.table(k.CLOCKS, k.MAX_MAPS, k.PAYLOAD_TYPES)[maps].tobytes(),
        "map_keys": memory.m[k.MAP_KEYS : k.MAP_KEYS + k.MAX_MAPS][maps].tobytes(),
        "map_texts": texts[maps].tobytes(),
        "directions": directions[used].tobytes(),
        "direction_places": used.astype(np.int64).tobytes(),
        "streams": json.dumps(streams.under_way()).encode(),
        "fragments": json.dumps(fragments.under_way()).encode(),
    }
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_pydict({name: pa.array([part], pa.large_binary()) for name, part in parts.items()})
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


@dataclass(frozen=True, slots=True)
class Carried:
    """State of the file before, taken apart and found to be sound."""

    seed: int
    bindings: Array
    said: Array
    clocks: Array
    map_keys: Array
    map_texts: Array
    directions: Array
    direction_places: Array
    streams: list[dict[str, Any]]
    fragments: list[dict[str, Any]]


def unpack(state: bytes) -> Carried | None:
    """What `pack` made; None where another siplens made it, or where it does not hold together: the pass trusts its tables."""
    try:
        (row,) = pa.ipc.open_stream(state).read_all().to_pylist()
        if json.loads(row["form"]) != _FORM:
            return None
        bindings = _numbers(row["bindings"], k.BINDING_COLUMNS)
        maps = len(_numbers(row["map_keys"], 1))
        carried = Carried(
            int(_numbers(row["seed"], 1)[0, 0]),
            bindings,
            _numbers(row["said"], 1)[:, 0],
            _numbers(row["clocks"], k.PAYLOAD_TYPES),
            _numbers(row["map_keys"], 1)[:, 0],
            np.frombuffer(row["map_texts"], dtype=np.uint8).reshape(-1, k.MAP_TEXT),
            _numbers(row["directions"], k.STREAM_COLUMNS),
            _numbers(row["direction_places"], 1)[:, 0],
            json.loads(row["streams"]),
            json.loads(row["fragments"]),
        )
    except (ValueError, KeyError, OSError, pa.ArrowException):
        return None
    sound = (
        1 <= maps <= k.MAX_MAPS
        and len(carried.clocks) == len(carried.map_texts) == maps
        and len(carried.said) == len(bindings)
        and _within(bindings[:, k.B_MAP], 0, maps)
        and _within(bindings[:, k.B_PORT], 1, 65_537)
        and len(carried.directions) == len(carried.direction_places)
        and _within(carried.direction_places, 0, k.MAX_STREAMS)
    )
    return carried if sound else None


def _numbers(part: bytes, columns: int) -> Array:
    return np.frombuffer(part, dtype=np.int64).reshape(-1, columns)


def _within(values: Array, low: int, high: int) -> bool:
    return bool(((values >= low) & (values < high)).all())


def take_over(carried: Carried, memory: Memory, streams: Streams, fragments: Fragments) -> None:
    """Put the state into a pass that has not begun."""
    memory.m[k.SEED] = carried.seed
    maps = len(carried.map_keys)
    memory.m[k.MAPS_USED] = maps
    memory.table(k.CLOCKS, k.MAX_MAPS, k.PAYLOAD_TYPES)[:maps] = carried.clocks
    memory.m[k.MAP_KEYS : k.MAP_KEYS + maps] = carried.map_keys
    memory.b[k.MAP_TEXTS : k.SCRATCH_TEXT].reshape(k.MAX_MAPS, k.MAP_TEXT)[:maps] = carried.map_texts
    rows = carried.bindings.copy()
    rows[:, k.B_KIND] |= k.ANNOUNCED_BEFORE | np.arange(len(rows)) << k.BEFORE_SHIFT
    memory.take_bindings(rows)
    memory.m[k.SIDE_BOUND] = int((rows[:, k.B_KIND] & k.MEDIA_T38 > 0).sum())
    memory.table(k.STREAMS, k.MAX_STREAMS, k.STREAM_COLUMNS)[carried.direction_places] = carried.directions
    streams.take_over(carried.streams)
    fragments.take_over(carried.fragments)


def rows_of(rows: Sequence[Row]) -> list[Row]:
    """Those of the checks that what is under way may change."""
    return [dict(row) for row in rows if row["check_name"] in CHANGED_CHECKS]
