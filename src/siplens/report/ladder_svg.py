"""Where each part of a ladder stands in its SVG. The template ladder.svg.j2 draws it, and CSS classes colour it."""

from __future__ import annotations

from dataclasses import dataclass

from siplens.report.ladder import Arrow, Ladder, Lane, Lifeline
from siplens.report.text import shortened

WIDTH, TIME, PLACES, PIN, HEAD = 1040, 76, 92, 60, 62
"""SVG units: whole width; room for times on the left, for frames and for each rule's pin on the right, for heads on top."""
HEAD_WIDTH = 184
"""SVG units of the box at the top of a lifeline, where there is room for it."""
ROW, LANE = 26, 32
"""Height of a message and of a media lane."""
GLYPH = 7.0
"""Width of a character of the labels' font, about."""
COLOURS = 8
"""Early dialogs have so many colours, then they repeat; the ordinal tells them apart."""


@dataclass(frozen=True, slots=True)
class Head:
    """A lifeline."""

    x: float
    title: str
    addresses: str
    role: str


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow from x1 to x2 at y, with its label."""

    x1: float
    x2: float
    y: float
    label: str
    kind: str
    early: int | None
    colour: int | None
    time: str
    place: str
    full: str
    """All that is known, for the tooltip."""
    rules: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """Where the label is centred."""
        return (self.x1 + self.x2) / 2

    @property
    def tip(self) -> float:
        """x of the head's two corners behind the point."""
        return self.x2 - 8 if self.x2 > self.x1 else self.x2 + 8


@dataclass(frozen=True, slots=True)
class Drawing:
    """A ladder laid out."""

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    lanes: tuple[Line, ...]
    width: int
    height: float
    bottom: float
    notes_x: float
    head: float
    """Width of the box at the top of a lifeline."""


def lay_out(ladder: Ladder) -> Drawing:
    """Positions of everything in the ladder."""
    count = max(1, len(ladder.lifelines))
    pins = max((len(arrow.rules) for arrow in ladder.arrows), default=0)
    notes = PLACES + PIN * pins
    spacing = (WIDTH - TIME - notes - HEAD_WIDTH) / max(1, count - 1)
    xs = [TIME + HEAD_WIDTH / 2 + spacing * number for number in range(count)]
    head = min(HEAD_WIDTH, spacing - 8)
    heads = tuple(_head(lifeline, x, head) for x, lifeline in zip(xs, ladder.lifelines, strict=False))
    lines = tuple(_line(arrow, xs, HEAD + ROW * (number + 1)) for number, arrow in enumerate(ladder.arrows))
    lanes_y = HEAD + ROW * (len(lines) + 1)
    lanes = tuple(_lane(lane, xs, lanes_y + LANE * (number + 0.5)) for number, lane in enumerate(ladder.lanes))
    bottom = lanes_y + LANE * len(lanes) + 4
    return Drawing(heads, lines, lanes, WIDTH, bottom + 6, bottom, WIDTH - notes + 14, head)


def _head(lifeline: Lifeline, x: float, width: float) -> Head:
    """Its name in the configuration where it has one, and then its role before the addresses."""
    addresses = ", ".join(lifeline.addresses[:3])
    below = f"{lifeline.title} {addresses}" if lifeline.name else addresses
    title = shortened(lifeline.name or lifeline.title, int(width / 8))
    return Head(x, title, shortened(below, int(width / 6.4)), lifeline.role)


def _line(arrow: Arrow, xs: list[float], y: float) -> Line:
    times = f" ×{arrow.times}" if arrow.times > 1 else ""
    room = int((abs(xs[arrow.end] - xs[arrow.start]) - 30) / GLYPH)
    labels = [
        f"{arrow.label}{times}",
        f"{arrow.label.split(' ')[0]}{times}" if arrow.kind != "request" else f"{arrow.label}{times}",
    ]
    with_sdp = [f"{label} · {arrow.sdp}" for label in labels] if arrow.sdp else []
    fitting = [label for label in (*with_sdp, *labels) if len(label) <= room]
    early = f", early dialog {arrow.early}" if arrow.early else ""
    sent = f", sent {arrow.times} times" if arrow.times > 1 else ""
    return Line(
        x1=xs[arrow.start],
        x2=xs[arrow.end],
        y=y,
        label=fitting[0] if fitting else shortened(labels[-1], room),
        kind=arrow.kind,
        early=arrow.early,
        colour=(arrow.early - 1) % COLOURS + 1 if arrow.early else None,
        time="" if arrow.offset_s is None else f"{arrow.offset_s:+.3f} s",
        place=_short_place(arrow.place),
        full=f"{arrow.label}{f', SDP {arrow.sdp}' if arrow.sdp else ''}{early}{sent}; {arrow.place}",
        rules=arrow.rules,
    )


def _lane(lane: Lane, xs: list[float], y: float) -> Line:
    room = int((abs(xs[lane.end] - xs[lane.start]) - 30) / GLYPH)
    loss = "" if lane.loss_pct is None else f" · loss {lane.loss_pct:g} %"
    jitter = "" if lane.jitter_ms is None else f" · jitter {lane.jitter_ms:g} ms"
    labels = [
        f"{lane.codec} · {lane.packets:,} packets{loss}{jitter}",
        f"{lane.codec} {lane.packets:,}{loss}",
        f"{lane.packets:,}{loss}",
    ]
    return Line(
        x1=xs[lane.start],
        x2=xs[lane.end],
        y=y,
        label=next((label for label in labels if len(label) <= room), shortened(labels[-1], room)),
        kind="lossy" if (lane.loss_pct or 0) >= 1 else "media",
        early=None,
        colour=None,
        time="" if lane.from_s is None or lane.until_s is None else f"{lane.from_s:.1f}–{lane.until_s:.1f} s",
        place=_short_place(lane.place),
        full=f"RTP {lane.source} to {lane.target}, {labels[0]}; first packet {lane.place}",
    )


def _short_place(place: str) -> str:
    words = place.split(" ")
    return " ".join(words[-2:]) if len(words) >= 3 and words[-2] in ("frame", "line") else ""
