"""The ladder of one call as data: lifelines, arrows, media lanes. The terminal and the SVG draw the same ladder.

Nothing here decides what a message means; rows come from report/sql, and this module only lays them out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from siplens.report.fetch import Row
from siplens.report.text import visible

ROLE_ORDER = ("client", "front_end", "unknown", "mediation", "relay", "peer")
ROLE_TITLES = {
    "client": "client",
    "front_end": "front end",
    "unknown": "host",
    "mediation": "Mediation Server",
    "relay": "relay",
    "peer": "peer",
}
PATHS = {
    frozenset({"client", "peer"}): "direct",
    frozenset({"client", "mediation"}): "mediated",
    frozenset({"mediation", "peer"}): "mediated",
    frozenset({"client"}): "direct",
}
"""What a media stream between hosts of these roles is: direct, or through the Mediation Server."""


@dataclass(frozen=True, slots=True)
class Lifeline:
    """A host of the call, or several of one role where there are too many to draw each."""

    key: str
    role: str
    title: str
    """What it is, such as Mediation Server."""
    name: str | None
    """Its name in the configuration."""
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """A SIP message, with all times it was sent again; `start` and `end` are positions in Ladder.lifelines."""

    offset_s: float | None
    place: str
    start: int
    end: int
    label: str
    kind: str
    """request, provisional, success, failure, or fold for a line that stands for many."""
    leg_no: int
    early: int | None = None
    """Ordinal of the early dialog it belongs to; None outside of one."""
    sdp: str | None = None
    times: int = 1
    folded: int = 0
    """How many messages this line stands for, besides the one named."""
    rules: tuple[str, ...] = ()
    """Rules that name this message as evidence."""
    gap_s: float | None = None
    """Silence before it, in seconds, where it was long."""
    until_s: float | None = None
    """Time of the last message that a fold stands for."""
    methods: tuple[str, ...] = ()
    """Methods in a fold."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One RTP stream between two lifelines."""

    start: int
    end: int
    codec: str
    packets: int
    loss_pct: float | None
    jitter_ms: float | None
    source: str
    target: str
    from_s: float | None
    until_s: float | None
    place: str
    path: str = "unknown"
    """direct, mediated (to or from the Mediation Server), relay or unknown."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """One call to draw."""

    lifelines: tuple[Lifeline, ...]
    arrows: tuple[Arrow, ...]
    lanes: tuple[Lane, ...]
    early_dialogs: int = 0
    hidden: int = 0
    """Messages left out because their sender and receiver are drawn as one lifeline."""
    positions: dict[str, int] = field(default_factory=dict)


def make_ladder(hosts: Sequence[Row], messages: Sequence[Row], flows: Sequence[Row], *, max_lifelines: int = 6) -> Ladder:
    """The ladder of the rows of call_hosts.sql, call_messages.sql and call_flows.sql, with every message.

    At most `max_lifelines` columns where roles allow it: hosts of one role are drawn together where there are more.
    """
    lifelines, positions = _lay_out(hosts, max_lifelines)
    begin = min((row["moment"] for row in messages if row["moment"]), default=None)
    arrows = tuple(_arrow(row, positions, begin) for row in messages if positions[row["src"]] != positions[row["dst"]])
    lanes = tuple(_lane(row, positions, begin) for row in flows if positions[row["src_ip"]] != positions[row["dst_ip"]])
    early = max((arrow.early or 0 for arrow in arrows), default=0)
    return Ladder(lifelines, arrows, lanes, early, len(messages) - len(arrows), positions)


def place_of(row: Row) -> str:
    """Where something was seen: `capture.pcap frame 12`, `server.log line 40`, or the file alone."""
    name = visible(row.get("file") or "?")
    if row.get("frame") is not None:
        return f"{name} frame {row['frame']}"
    return f"{name} line {row['line']}" if row.get("line") is not None else name


def _lay_out(hosts: Sequence[Row], max_lifelines: int) -> tuple[tuple[Lifeline, ...], dict[str, int]]:
    keys: dict[str, list[Row]] = {}
    for host in hosts:
        keys.setdefault(host["lifeline"], []).append(host)
    if len(keys) > max_lifelines:
        keys = _merged(hosts, max_lifelines)
    ordered = sorted(keys, key=lambda key: ROLE_ORDER.index(keys[key][0]["role"]) if keys[key][0]["role"] in ROLE_ORDER else 2)
    lifelines = tuple(_lifeline(key, keys[key]) for key in ordered)
    return lifelines, {host["address"]: number for number, key in enumerate(ordered) for host in keys[key]}


def _merged(hosts: Sequence[Row], max_lifelines: int) -> dict[str, list[Row]]:
    """Joins all hosts of a role, the most numerous role first, until the lifelines are few enough."""
    grouped = {host["address"]: host["lifeline"] for host in hosts}
    by_role: dict[str, set[str]] = {}
    for host in hosts:
        by_role.setdefault(host["role"], set()).add(host["lifeline"])
    for role in sorted(by_role, key=lambda role: -len(by_role[role])):
        if len(set(grouped.values())) <= max_lifelines:
            break
        grouped |= {host["address"]: f"all {role}" for host in hosts if host["role"] == role}
    keys: dict[str, list[Row]] = {}
    for host in hosts:
        keys.setdefault(grouped[host["address"]], []).append(host)
    return keys


def _lifeline(key: str, hosts: Sequence[Row]) -> Lifeline:
    role: str = hosts[0]["role"]
    names = [host["name"] for host in hosts if host["name"]]
    title: str = ROLE_TITLES.get(role, role)
    addresses = tuple(visible(host["address"]) for host in hosts)
    name: str | None = visible(names[0]) if names else None
    if key.startswith("all ") and len(addresses) > 1:
        title, name = f"{len(addresses)} {title}s", None
    return Lifeline(key, role, title, name, addresses)


def _arrow(row: Row, positions: dict[str, int], begin: dt.datetime | None) -> Arrow:
    status, method = row["status"], visible(row["method"] or "?")
    if status is None:
        kind, label = "request", method
    else:
        kind = "provisional" if status < 200 else "success" if status < 300 else "failure"
        label = f"{status} {visible(row['reason_phrase'] or '')}".rstrip()
        if method != "INVITE":
            label = f"{status} ({method})"
    return Arrow(
        offset_s=_seconds(row["moment"], begin),
        place=place_of(row),
        start=positions[row["src"]],
        end=positions[row["dst"]],
        label=label,
        kind=kind,
        leg_no=row["leg_no"],
        early=row["ordinal"] if row["is_early"] and status != 100 else None,
        sdp=_sdp(row),
        times=row["times"],
        rules=tuple(row["rules"] or ()),
    )


def _sdp(row: Row) -> str | None:
    if row["sdp_ip"] is None:
        return None
    address = visible(row["sdp_ip"])
    shown = f"[{address}]:{row['sdp_port']}" if ":" in address else f"{address}:{row['sdp_port']}"
    if "SAVP" in (row["sdp_proto"] or ""):
        shown += " SRTP"
    return shown if row["sdp_direction"] in (None, "sendrecv") else f"{shown} {row['sdp_direction']}"


def _lane(row: Row, positions: dict[str, int], begin: dt.datetime | None) -> Lane:
    return Lane(
        start=positions[row["src_ip"]],
        end=positions[row["dst_ip"]],
        codec=visible("/".join(dict.fromkeys(codec.split("/")[0] for codec in row["codecs"] or []))) or "RTP",
        packets=row["packets"],
        loss_pct=row["loss_pct"],
        jitter_ms=row["jitter_mean_ms"],
        source=f"{row['src_ip']}:{row['src_port']}",
        target=f"{row['dst_ip']}:{row['dst_port']}",
        from_s=_seconds(row["first_ts"], begin),
        until_s=_seconds(row["last_ts"], begin),
        place=place_of({"file": row["file"], "frame": row["first_frame"]}),
        path=_path(row["from_role"], row["to_role"]),
    )


def _path(from_role: str | None, to_role: str | None) -> str:
    if "relay" in (from_role, to_role):
        return "relay"
    return PATHS.get(frozenset({from_role or "unknown", to_role or "unknown"}), "unknown")


def _seconds(moment: dt.datetime | None, begin: dt.datetime | None) -> float | None:
    return (moment - begin).total_seconds() if moment and begin else None
