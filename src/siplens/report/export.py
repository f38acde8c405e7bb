"""Export of calls as a capture: their packets, found again in the captures that were ingested, with findings as comments.

What is wanted of each source is read from the store (report/sql/export_*.sql); capture/selection finds the packets. Packets of
several sources are merged by time, on the reference clock; the times written are those of the source.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO

from siplens.capture.pcapng import PcapngWriter
from siplens.capture.redact_packet import PacketRedactor
from siplens.capture.selection import Packet, find_frames, read_packets
from siplens.capture.tls_secrets import secrets_of
from siplens.capture.wanted import Direction, End, Flow, Wanted
from siplens.errors import SiplensError
from siplens.pipeline.growth import file_sha256
from siplens.report.fetch import Row, fetch
from siplens.report.text import visible
from siplens.sip.redact_words import Words
from siplens.store import Store
from siplens.version import __version__

_EPOCH = dt.datetime(1970, 1, 1)
_FROM_THE_BEGINNING = frozenset({"tls", "wss", "ws"})
"""Transports that nobody can read without how the connection began: the handshake of TLS, the upgrade to WebSocket."""


@dataclass(slots=True)
class SourceExport:
    """What is wanted of one ingested capture."""

    source: Row
    wanted: Wanted = field(default_factory=Wanted)
    comments: dict[int, list[str]] = field(default_factory=dict)
    """Comments by frame."""
    path: Path | None = None
    """Where the file was found again."""
    frames: set[int] = field(default_factory=set)
    secrets: list[bytes] = field(default_factory=list)
    """TLS key logs that the file itself holds."""


@dataclass(slots=True)
class ExportPlan:
    """What is wanted of every source, and what no capture holds."""

    call_nos: list[int]
    captures: list[SourceExport]
    log_messages: dict[str, int]
    """Messages that only a log knows, by the log's name: there is no packet of them."""


@dataclass(slots=True)
class Exported:
    """What was written."""

    packets: int
    comments: int
    bytes: int
    left_out: int = 0
    """Packets that could not be redacted, and were left out."""
    opened: int = 0
    """TLS connections whose secrets were written beside them."""


def plan_export(store: Store, call_nos: Sequence[int]) -> ExportPlan:
    """What to look for in which source, for these calls."""
    numbers = list(call_nos)
    sources = {row["source_id"]: row for row in fetch(store, "export_sources")}
    exports: dict[int, SourceExport] = {}
    in_logs: dict[str, int] = {}

    def export_of(source_id: int) -> SourceExport:
        return exports.setdefault(source_id, SourceExport(sources[source_id]))

    seen_in_packets = False
    for row in fetch(store, "export_messages", call_nos=numbers):
        source = sources[row["source_id"]]
        if source["kind"] != "capture" or row["frame"] is None:
            in_logs[source["file"]] = in_logs.get(source["file"], 0) + 1
            continue
        seen_in_packets = True
        _want_message(export_of(row["source_id"]).wanted, row)
    for row in fetch(store, "export_flows", call_nos=numbers):
        flow = Flow(*(row[name] for name in ("src_ip", "src_port", "dst_ip", "dst_port", "ssrc", "first_frame", "last_frame")))
        export_of(row["source_id"]).wanted.flows.append(flow)
    # A capture in which nothing else of the call was seen may hold another call at the same address: it is not searched.
    ends = [row for row in fetch(store, "export_ends", call_nos=numbers) if _is_address(row["ip"])]
    for export in exports.values():
        shift = dt.timedelta(milliseconds=export.source["clock_offset_ms"])
        export.wanted.ends += [
            End(row["ip"], row["port"], _nanoseconds(row["since"] - shift), _nanoseconds(row["until"] - shift)) for row in ends
        ]
    for row in fetch(store, "export_marks", call_nos=numbers):
        if row["source_id"] in exports and row["frame"] is not None:
            exports[row["source_id"]].comments.setdefault(row["frame"], []).append(_comment(row))
    if not exports:
        where = f"its messages are known from {', '.join(sorted(in_logs))} only" if in_logs and not seen_in_packets else "no capture saw it"
        raise SiplensError(
            f"call {', '.join(map(str, numbers[:5]))}: there is no packet to export: {where}",
            hint="a log holds text, not packets; ingest a capture of the same time beside it",
        )
    return ExportPlan(numbers, [exports[key] for key in sorted(exports)], in_logs)


def _want_message(wanted: Wanted, row: Row) -> None:
    wanted.frames.add(row["frame"])
    if row["transport"] == "udp" or row["src_ip"] is None or row["dst_ip"] is None:
        return
    way = Direction(row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"])
    if row["transport"] in _FROM_THE_BEGINNING:
        wanted.whole |= {way, Direction(way.dst_ip, way.dst_port, way.src_ip, way.src_port)}
    else:
        wanted.directions.add(way)


def _comment(row: Row) -> str:
    word = "" if row["status"] == "fail" else f" ({row['status']})"
    note = f": {row['note']}" if row["note"] else ""
    return visible(f"siplens {row['rule_id']} {row['severity']}{word}, call {row['call_no']}{note}. {row['reason']}")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _nanoseconds(moment: dt.datetime) -> int:
    return int((moment - _EPOCH) / dt.timedelta(microseconds=1)) * 1000


def find_sources(plan: ExportPlan, folders: Sequence[Path], progress: Callable[[str], None] | None = None) -> None:
    """Finds every capture again, where it was or in `folders`, by size and SHA-256. Raises SiplensError where one is not there."""
    for export in plan.captures:
        if progress:
            progress(f"looking at {export.source['file']} …")
        export.path = find_source(export.source, folders)


def find_source(source: Row, folders: Sequence[Path]) -> Path:
    """The file that was ingested as this source. Raises SiplensError where it moved or changed."""
    stored = Path(source["path"])
    changed: list[Path] = []
    for path in _candidates(stored, folders, source["size_bytes"]):
        if path.stat().st_size == source["size_bytes"] and file_sha256(path) == source["sha256"]:
            return path
        if path.name == stored.name:
            changed.append(path)
    if changed:
        raise SiplensError(
            f"{changed[0]}: is not the file that was ingested: its SHA-256 is not {source['sha256'][:16]}…",
            hint="it was changed since; name the folder of the original with --source",
        )
    looked = f" nor in {', '.join(map(str, folders))}" if folders else ""
    raise SiplensError(
        f"{stored}: the capture is no longer there{looked} (SHA-256 {source['sha256'][:16]}…)",
        hint="name the folder it is in now with --source; its name may have changed",
    )


def _candidates(stored: Path, folders: Sequence[Path], size: int) -> Iterator[Path]:
    """Files that may be the source: where it was, then files of its name, then any file of its size."""
    if stored.is_file():
        yield stored
    for folder in folders:
        if not folder.is_dir():
            raise SiplensError(f"{folder}: is no folder", hint="--source takes the folder in which the captures are now")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        yield from (path for path in files if path.name == stored.name)
        yield from (path for path in files if path.name != stored.name and path.stat().st_size == size)


def write_export(
    plan: ExportPlan,
    file: BinaryIO,
    *,
    keylogs: Sequence[Path] = (),
    words: Words | None = None,
    progress: Callable[[str], None] | None = None,
) -> Exported:
    """Writes the packets of the plan, whose sources were found, as pcapng to `file`; with `words`, under pseudonyms.

    TLS is written as it was seen, each connection from its beginning on. The secrets that open it are written beside it where they
    lay inside the capture, or in `keylogs`: those of the connections exported, no others, and none with `words`.
    """
    for export in plan.captures:
        if progress:
            progress(f"searching {export.source['file']} …")
        export.frames = find_frames(_found(export), export.wanted, export.secrets)
    names = ", ".join(f"{export.source['file']} (SHA-256 {export.source['sha256']})" for export in plan.captures)
    calls = ", ".join(map(str, plan.call_nos[:20])) + (" …" if len(plan.call_nos) > 20 else "")
    told = f"Call{'' if len(plan.call_nos) == 1 else 's'} {calls} exported by siplens {__version__} from {visible(names)}"
    told += "; redacted: numbers, names and addresses are pseudonyms" if words else ""
    redactors = _redactors(plan, words, progress) if words else None
    secrets = secrets_of((text for export in plan.captures for text in export.secrets), keylogs)
    writer = PcapngWriter(file, application=f"siplens {__version__}", comment=told)
    done = Exported(0, 0, 0)
    if progress:
        progress("writing …")
    for moment, position, packet in heapq.merge(*(_timed(export, number) for number, export in enumerate(plan.captures))):
        del moment
        export = plan.captures[position]
        comments = export.comments.get(packet.frame, [])
        comments = [words.text(each) for each in comments] if words else comments
        changed = redactors[position].change(packet) if redactors else packet
        if changed is None:
            done.left_out += 1
            continue
        name = visible(export.source["file"])
        interface = writer.interface(
            (position, packet.interface), packet.link, packet.snaplen, name, f"interface {packet.interface} of {name}"
        )
        if not words and (keys := secrets.begun_in(changed.content)):
            writer.secrets(keys)
            done.opened += 1
        writer.packet(interface, changed.time_ns, changed.content, changed.original, comments)
        done.comments += len(comments)
        done.bytes += len(changed.content)
    done.packets = writer.packets
    return done


def _redactors(plan: ExportPlan, words: Words, progress: Callable[[str], None] | None) -> list[PacketRedactor]:
    """One for each capture, which has seen all of its packets: streams and datagrams are rewritten as wholes."""
    redactors = []
    for export in plan.captures:
        if progress:
            progress(f"redacting {export.source['file']} …")
        redactor = PacketRedactor(words)
        for packet in read_packets(_found(export), export.frames):
            redactor.learn(packet)
        redactors.append(redactor)
    return redactors


def _timed(export: SourceExport, position: int) -> Iterator[tuple[int, int, Packet]]:
    """Packets of one source with their time on the reference clock; those without keep their place behind the one before."""
    shift, latest = int(export.source["clock_offset_ms"] * 1_000_000), 0
    for packet in read_packets(_found(export), export.frames):
        latest = max(latest, (packet.time_ns or 0) + shift)
        yield latest, position, packet


def _found(export: SourceExport) -> Path:
    if export.path is None:
        raise AssertionError("find_sources comes before write_export")
    return export.path


def frames_found(plan: ExportPlan) -> Iterable[tuple[str, int]]:
    """Name of each capture, and how many frames were taken from it."""
    return ((export.source["file"], len(export.frames)) for export in plan.captures)
