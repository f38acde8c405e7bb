"""A capture into records by the Wireshark engine: its SIP comes from pyshark, its media evidence from the packet kernel.

RTP, RTCP, STUN and ICMP need no key to be seen, and the kernel's figures are Wireshark's own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siplens.capture.reader import read_capture
from siplens.capture.rows import Row, batch
from siplens.capture.wireshark import Hop, Sighting, sightings
from siplens.errors import UnreadableFileError
from siplens.records import Batch
from siplens.records.signalling import OBSERVED, RAW
from siplens.sip import parse_messages

SIGNALLING = frozenset(table.name for table in RAW)
"""Tables that this engine fills itself."""
_OBSERVED_SCHEMA = pa.schema([(column.name, column.arrow) for column in OBSERVED])
_MESSAGES_AT_ONCE = 4096
_TLS_CHECK = "tls_signalling"


def read_with_wireshark(path: Path, *, keylog: Path | None = None, progress: Callable[[int], None] | None = None) -> Iterator[Batch]:
    """Batches of all evidence in a capture; the last one is its `source` row, with engine 'wireshark'.

    keylog: a TLS key log; tshark reads it, nothing of it is kept. progress: bytes read so far, told once Wireshark has
    ended. Raises UnreadableFileError for what is no capture, for a key log that cannot be read, and where tshark is missing.
    """
    health = yield from read_signalling(path, keylog)
    for table, rows in read_capture(path, progress=progress):
        if table in SIGNALLING:
            continue
        if table == "capture_health":
            # Whether keys open TLS is this engine's to say.
            yield Batch(table, rows.filter(pc.not_equal(rows["check_name"], _TLS_CHECK)))
        elif table == "source":
            if health:
                yield batch("capture_health", health)
            engine = rows.schema.get_field_index("engine")
            yield Batch(table, rows.set_column(engine, rows.schema.field(engine), pa.array(["wireshark"] * rows.num_rows)))
        else:
            yield Batch(table, rows)


def read_signalling(path: Path, keylog: Path | None = None) -> Generator[Batch, None, list[Row]]:
    """Batches of the signalling tables only; the generator's return value are rows of capture_health."""
    if keylog is not None:
        _check_keylog(keylog)
    opened: set[frozenset[tuple[str | None, int | None]]] = set()
    closed: dict[frozenset[tuple[str | None, int | None]], int] = {}
    seen: list[tuple[Sighting, bytes]] = []
    ordinal = 0
    source = sightings(path, keylog)
    while True:
        try:
            sighting = next(source)
        except StopIteration as end:
            problem = end.value
            break
        if sighting.messages:
            opened.add(_connection(sighting.hop))
        else:
            closed.setdefault(_connection(sighting.hop), sighting.frame)
        seen += [(sighting, text) for text in sighting.messages]
        if len(seen) >= _MESSAGES_AT_ONCE:
            yield from _parsed(seen, ordinal)
            ordinal += len(seen)
            seen = []
    yield from _parsed(seen, ordinal)
    return list(_health([frame for connection, frame in closed.items() if connection not in opened], problem))


def _check_keylog(keylog: Path) -> None:
    """tshark passes over a key log that it cannot open without a word."""
    try:
        with keylog.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise UnreadableFileError(f"{keylog}: the key log cannot be read: {error.strerror}") from error


def _connection(hop: Hop) -> frozenset[tuple[str | None, int | None]]:
    """Both directions of a connection as one."""
    return frozenset([(hop.src_ip, hop.src_port), (hop.dst_ip, hop.dst_port)])


def _parsed(seen: list[tuple[Sighting, bytes]], ordinal: int) -> list[Batch]:
    if not seen:
        return []
    lengths = np.array([len(text) for _, text in seen], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    buffer = np.frombuffer(b"".join(text for _, text in seen), dtype=np.uint8)
    return parse_messages(buffer, starts, lengths, _observed([sighting for sighting, _ in seen]), ordinal)


def _observed(seen: list[Sighting]) -> pa.RecordBatch:
    rows = [one.hop._asdict() | {"frame": one.frame, "ts": one.ts_us, "transport": one.transport} for one in seen]
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in _OBSERVED_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=_OBSERVED_SCHEMA)


def _health(unopened: list[int], problem: str | None) -> Iterator[Row]:
    if unopened:
        words = "TLS connections on SIP ports, which no key opens: their signalling is encrypted"
        yield {"check_name": _TLS_CHECK, "amount": len(unopened), "frame": min(unopened), "detail": words}
    if problem:
        yield {"check_name": "wireshark_stopped", "amount": 1, "detail": f"what comes after is missing: {problem}"}
