"""A small lab for derivation tests: SIP ladders as text, RTP flows as one call each, then derived tables as rows.

    lab.leg('''
        0    gateway -> mediation   INVITE            sdp=10.2.0.21:20000
        10   mediation -> gateway   183 to=a rseq=1   sdp=10.1.0.10:30000
        20   gateway -> mediation   PRACK to=a
        30   mediation -> gateway   200 PRACK to=a
    ''', call_id="trunk-1", numbers="+4930111 +4930222")

A line: milliseconds, sender -> receiver, method or status (of the INVITE, unless a method follows), then options:

    to=TAG        callee's tag (default: none in the caller's INVITE, CANCEL and 100, else b); a re-INVITE names it
    sdp=IP:PORT   audio m-line; more after slashes: sdp=10.3.0.51:50000/inactive/RTP/SAVP
    rseq=N        reliable provisional response (RSeq and Require: 100rel)
    rack=N        RSeq that a PRACK acknowledges (default: the last one seen with its tag)
    hop=N         N-th hop of the path (default 1): N Vias
    cseq=N        CSeq number, where it is not the next or the last one
    again         the same message once more (a retransmission): nothing is counted on
    "Name: value" a header

The sender of the first line is the caller. Tags: the caller's is the leg's `tag`.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from siplens.pipeline.known import load_known
from siplens.records import TABLES, Batch
from siplens.records.signalling import OBSERVED
from siplens.resources import sql_files
from siplens.sip import parse_messages
from siplens.store import Store, memory_store
from siplens.store.writer import insert, number_addresses

START = dt.datetime(2026, 3, 2, 10)
"""Time zero of every ladder."""

ADDRESSES = {
    "gateway": "10.2.0.20",
    "gateway_media": "10.2.0.21",
    "gateway2": "10.2.0.30",
    "mediation": "10.1.0.10",
    "front_end": "10.1.0.5",
    "client": "10.3.0.51",
    "client2": "10.3.0.52",
    "alice": "192.0.2.1",
    "b2bua": "192.0.2.10",
    "bob": "192.0.2.20",
}
AGENTS = {
    "gateway": "Example-Gateway/7.2",
    "gateway2": "Example-Gateway/7.2",
    "mediation": "RTCC/5.0.0.0 MediationServer",
    "client": "UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)",
    "client2": "UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)",
}
LINE = re.compile(r"(?P<ms>-?\d+)\s+(?P<src>\w+) -> (?P<dst>\w+)\s+(?P<rest>.+)")


@dataclass
class Sighting:
    """One message as one source saw it."""

    ms: float
    src: str
    dst: str
    text: bytes


@dataclass
class Leg:
    """The state of one ladder while its lines become SIP text."""

    call_id: str
    tag: str
    caller_user: str
    callee_user: str
    caller: str = ""
    callee: str = ""
    hops: int = 1
    counters: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    failed: set[tuple[str, int]] = field(default_factory=set)
    rseqs: dict[str, int] = field(default_factory=dict)

    def message(self, src: str, words: list[str]) -> bytes:
        """The SIP text of one line of the ladder."""
        options = dict(word.split("=", 1) for word in words[1:] if re.fullmatch(r"(to|sdp|rseq|rack|hop|cseq)=.*", word))
        headers = [word for word in words[1:] if re.match(r"[\w-]+: ", word)]
        methods = [word for word in words[1:] if word.isupper() and word.isalpha()]
        status = int(words[0]) if words[0].isdigit() else None
        method = words[0] if status is None else (methods or ["INVITE"])[0]
        hop = int(options.get("hop", 1))
        sent_by_caller = src == self.caller if hop == 1 and self.hops == 1 else self._towards_callee(src, status)
        asker = "caller" if sent_by_caller == (status is None) else "callee"
        number = self._number(asker, method, status, options, "again" in words or hop > 1)
        untagged = method == "CANCEL" or (method == "INVITE" and status in (None, 100))
        to_tag = options.get("to", None if untagged and asker == "caller" else "b")
        if status and status >= 300 and method == "INVITE":
            self.failed.add((asker, number))
        tags = (self.tag, to_tag) if asker == "caller" else (to_tag or "b", self.tag)
        users = (self.caller_user, self.callee_user) if asker == "caller" else (self.callee_user, self.caller_user)
        lines = [
            f"SIP/2.0 {status} Reason" if status else f"{method} sip:{users[1]}@example.net SIP/2.0",
            *(f"Via: SIP/2.0/UDP h{n}.example.net;branch={self._branch(asker, method, number, n)}" for n in range(hop, 0, -1)),
            f"From: <sip:{users[0]}@example.net>;tag={tags[0]}",
            f"To: <sip:{users[1]}@example.net>" + (f";tag={tags[1]}" if tags[1] else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
        ]
        if status and 100 < status < 300 and self.hops > 1:
            lines.append("Record-Route: <sip:front_end.example.net;lr>")
        agent = AGENTS.get(src if status == 100 else (self.caller if sent_by_caller else self.callee))
        if agent and not any(header.lower().startswith(("user-agent", "server")) for header in headers):
            lines.append(f"User-Agent: {agent}")
        if "rseq" in options:
            self.rseqs[to_tag or ""] = int(options["rseq"])
            lines += [f"RSeq: {options['rseq']}", "Require: 100rel"]
        if method == "PRACK" and status is None:
            rseq = options.get("rack", self.rseqs.get(to_tag or "", 1))
            lines.append(f"RAck: {rseq} {self.numbers['caller', 'INVITE']} INVITE")
        body = sdp_text(options["sdp"]) if "sdp" in options else ""
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [*headers, f"Content-Length: {len(body)}", "", ""]
        return ("\r\n".join(lines) + body).encode()

    def _towards_callee(self, src: str, status: int | None) -> bool:
        return status is None and src != self.callee if src not in (self.caller, self.callee) else src == self.caller

    def _number(self, asker: str, method: str, status: int | None, options: dict[str, str], repeated: bool) -> int:
        if "cseq" in options:
            number = int(options["cseq"])
        elif status is not None or repeated:
            number = self.numbers[asker, method]
        elif method in ("ACK", "CANCEL"):
            number = self.numbers[asker, "INVITE"]
        else:
            number = self.counters.get(asker, 0) + 1
        self.counters[asker] = max(self.counters.get(asker, 0), number)
        self.numbers[asker, method] = number
        return number

    def _branch(self, asker: str, method: str, number: int, hop: int) -> str:
        shared = method == "CANCEL" or (method == "ACK" and (asker, number) in self.failed)
        return f"z9hG4bK-{self.call_id}-{self.tag}-{asker}-{number}-{'INVITE' if shared else method}-{hop}"


def sdp_text(spec: str) -> str:
    """IP:PORT[/direction][/profile] as SDP with G.711."""
    place, _, rest = spec.partition("/")
    address, _, port = place.rpartition(":")
    parts = rest.split("/", 1) if rest else []
    direction = parts.pop(0) if parts and parts[0] in ("sendrecv", "sendonly", "recvonly", "inactive") else "sendrecv"
    profile = "/".join(parts) or "RTP/AVP"
    return "\r\n".join(
        [
            "v=0", f"o=- 1 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0",
            f"m=audio {port} {profile} 8 0", f"a={direction}", "",
        ]
    )  # fmt: skip


class Lab:
    """Sources with ladders and flows; `derive` runs the SQL, `rows` reads a table."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.sightings: dict[int, list[Sighting]] = {1: []}
        self.media: dict[tuple[int, str], list[dict[str, Any]]] = {}
        self._kinds: dict[int, str] = {1: "capture"}
        self._last_ms: dict[int, float] = {}
        self._source = 1

    def source(self, number: int, kind: str = "capture") -> None:
        """What follows is seen by this source."""
        self._source = number
        self._kinds[number] = kind
        self.sightings.setdefault(number, [])

    def leg(
        self, ladder: str, *, call_id: str = "one", tag: str = "a-tag", numbers: str = "+4930111222 +4930333444", at: float = 0
    ) -> None:
        """One leg, line by line; `at` is added to its times. See the module's docstring."""
        caller_user, callee_user = numbers.split()
        leg = Leg(call_id, tag, caller_user, callee_user)
        lines = [match for match in map(LINE.match, map(str.strip, ladder.strip().splitlines())) if match]
        leg.hops = max(int((re.search(r"hop=(\d)", line["rest"]) or [0, 1])[1]) for line in lines)
        leg.caller = lines[0]["src"]
        last = [line for line in lines if f"hop={leg.hops}" in line["rest"] and not line["rest"][0].isdigit()]
        leg.callee = (last or lines)[0]["dst"] if lines[0]["rest"].split()[0].isupper() else lines[0]["dst"]
        for line in lines:
            text = leg.message(line["src"], shlex.split(line["rest"]))
            self.sightings[self._source].append(Sighting(float(line["ms"]) + at, line["src"], line["dst"], text))

    def same_messages_in(self, number: int, shift_ms: float, kind: str = "capture", addresses: bool = True) -> None:
        """Another source saw everything of source 1 too, with its clock `shift_ms` ahead."""
        self._kinds[number] = kind
        self.sightings[number] = [
            Sighting(seen.ms + shift_ms, seen.src if addresses else "", seen.dst if addresses else "", seen.text)
            for seen in self.sightings[1]
        ]

    def flow(self, ms: float, src: str, dst: str, packets: int = 200, seconds: float = 4.0) -> None:
        """One RTP stream: 'host:port' or 'address:port' at both ends."""
        ends = _ends(src, dst)
        first, last = _time(ms), _time(ms + 1000 * seconds)
        self.media.setdefault((self._source, "media_flow"), []).append(
            {**ends, "first_frame": 1000, "last_frame": 1999, "first_ts": first, "last_ts": last, "ssrc": hash((src, dst, ms)) % 2**32}
            | {"packets": packets, "expected": packets, "lost": 0}
        )
        self._last_ms[self._source] = max(self._last_ms.get(self._source, 0), ms + 1000 * seconds)

    def rtcp(self, ms: float, src: str, dst: str) -> None:
        """One RTCP sender report."""
        self.media.setdefault((self._source, "rtcp_report"), []).append({**_ends(src, dst), "frame": 1, "ts": _time(ms), "type": "SR"})

    def record(self, table: str, **values: Any) -> None:
        """One row of a raw configuration table, in snapshot 1."""
        batch = pa.RecordBatch.from_pylist([values], schema=TABLES[table].schema)
        insert(self.store, TABLES[table], batch, 0, 1)

    def derive(self, until_ms: float = 0) -> None:
        """Writes what was stated and runs the derivation. The sources last until `until_ms`, or to their last message."""
        for number, sightings in self.sightings.items():
            self._write(number, sightings, until_ms)
        self.sightings, self.media = {}, {}
        number_addresses(self.store)
        self.rederive()

    def rederive(self) -> None:
        """Runs the derivation on what is there."""
        load_known(self.store)
        for path in sql_files("sql", "derive"):
            self.store.con.execute(path.read_text(encoding="utf-8"))

    def rows(self, table: str, columns: str, order: str = "1") -> list[tuple[Any, ...]]:
        """Columns of a derived table."""
        return self.store.query(f"select {columns} from {table} order by {order}").rows

    def row(self, table: str, columns: str) -> tuple[Any, ...]:
        """The only row of a derived table."""
        (only,) = self.rows(table, columns)
        return only

    def _write(self, number: int, sightings: list[Sighting], until_ms: float) -> None:
        for batch in _parsed(sightings):
            insert(self.store, TABLES[batch.table], batch.rows, number)
        for (source, table), rows in self.media.items():
            if source == number:
                numbered = [{"ordinal": n, **row} for n, row in enumerate(rows)] if table == "media_flow" else rows
                insert(self.store, TABLES[table], pa.RecordBatch.from_pylist(numbered, schema=TABLES[table].schema), number)
        last = max([until_ms, self._last_ms.get(number, 0), *(seen.ms for seen in sightings)])
        self.store.con.execute(
            "insert into source (source_id, kind, first_ts, last_ts) values (?, ?, ?, ?)", [number, self._kinds[number], START, _time(last)]
        )


def _parsed(sightings: list[Sighting]) -> list[Batch]:
    if not sightings:
        return []
    sizes = np.array([len(seen.text) for seen in sightings], np.int64)
    observed = [
        {
            "frame": frame,
            "ts": _time(seen.ms),
            "src_ip": ADDRESSES.get(seen.src),
            "src_port": 5060,
            "dst_ip": ADDRESSES.get(seen.dst),
            "dst_port": 5060,
            "transport": "udp",
        }
        for frame, seen in enumerate(sightings, 1)
    ]
    schema = pa.schema([(column.name, column.arrow) for column in OBSERVED])
    buffer = np.frombuffer(b"".join(seen.text for seen in sightings), np.uint8)
    return parse_messages(buffer, np.cumsum(sizes) - sizes, sizes, pa.RecordBatch.from_pylist(observed, schema=schema), 0)


def _time(ms: float) -> dt.datetime:
    return START + dt.timedelta(milliseconds=ms)


def _ends(src: str, dst: str) -> dict[str, Any]:
    (src_host, src_port), (dst_host, dst_port) = (end.rsplit(":", 1) for end in (src, dst))
    return {
        "src_ip": ADDRESSES.get(src_host, src_host), "src_port": int(src_port),
        "dst_ip": ADDRESSES.get(dst_host, dst_host), "dst_port": int(dst_port),
    }  # fmt: skip


@pytest.fixture
def lab() -> Any:
    """An empty lab over a store in memory."""
    with memory_store() as store:
        yield Lab(store)
