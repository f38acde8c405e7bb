"""Where each part of a ladder stands in its SVG. The template ladder.svg.j2 draws it, and CSS classes colour it."""

from __future__ import annotations

from dataclasses import dataclass

from siplens.report.ladder import Arrow, Ladder, Lane, Lifeline
from siplens.report.text import shortened

WIDTH, TIME, PLACES, PIN, HEAD = 1040, 76, 92, 60, 66
"""SVG units: whole width; room for times on the left, for frames and for each rule's pin on the right, for heads on top."""
HEAD_WIDTH = 184
"""SVG units of the box at the top of a lifeline, where there is room for it."""
ROW, GAP, LANE = 26, 24, 32
"""Height of a message, of a marked silence, of a media lane."""
GLYPH = 7.0
"""Width of a character of the labels' font, about."""
COLOURS = 8
"""Early dialogs have so many colours, then they repeat; the ordinal tells them apart."""
MOST_PINS = 3
"""Rules pinned to one message; the others are in its tooltip."""
PATH_WORDS = {"direct": "direct", "mediated": "mediated", "relay": "relayed", "unknown": ""}


@dataclass(frozen=True, slots=True)
class Head:
    """A lifeline."""

    x: float
    title: str
    addresses: str
    role: str
    full: str
    """All its addresses, for the tooltip."""


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow from x1 to x2 at y, with its label; a fold is a line without a head."""

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
class Gap:
    """A silence."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A ladder laid out."""

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    gaps: tuple[Gap, ...]
    lanes: tuple[Line, ...]
    media_y: float
    """Where the part with the media begins."""
    width: int
    height: float
    bottom: float
    notes_x: float
    head: float
    """Width of the box at the top of a lifeline."""


def lay_out(ladder: Ladder) -> Drawing:
    """Positions of everything in the ladder."""
    count = max(1, len(ladder.lifelines))
    pins = max((min(len(arrow.rules), MOST_PINS) for arrow in ladder.arrows), default=0)
    notes = PLACES + PIN * pins
    spacing = (WIDTH - TIME - notes - HEAD_WIDTH) / max(1, count - 1)
    xs = [TIME + HEAD_WIDTH / 2 + spacing * number for number in range(count)]
    head = min(HEAD_WIDTH, spacing - 8)
    lines: list[Line] = []
    gaps: list[Gap] = []
    y = float(HEAD)
    for arrow in ladder.arrows:
        if arrow.gap_s is not None:
            gaps.append(Gap(y + (GAP + ROW) / 2 - 4, duration(arrow.gap_s)))
            y += GAP
        y += ROW
        lines.append(_line(arrow, xs, y))
    media_y = y + ROW
    lanes = tuple(_lane(lane, xs, media_y + LANE * (number + 0.75)) for number, lane in enumerate(ladder.lanes))
    bottom = (media_y + LANE * (len(lanes) + 0.25) if lanes else y + 14) + 4
    return Drawing(
        heads=tuple(_head(lifeline, x, head) for x, lifeline in zip(xs, ladder.lifelines, strict=False)),
        lines=tuple(lines),
        gaps=tuple(gaps),
        lanes=lanes,
        media_y=media_y,
        width=WIDTH,
        height=bottom + 6,
        bottom=bottom,
        notes_x=WIDTH - notes + 14,
        head=head,
    )


def duration(seconds: float) -> str:
    """A time span in words that are short: 2.1 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _head(lifeline: Lifeline, x: float, width: float) -> Head:
    """Its name in the configuration where it has one, and then its role before the addresses."""
    addresses = ", ".join(lifeline.addresses[:3])
    below = f"{lifeline.title} {addresses}" if lifeline.name else addresses
    title = shortened(lifeline.name or lifeline.title, int(width / 8))
    full = f"{lifeline.title}{f' {lifeline.name}' if lifeline.name else ''}: {', '.join(lifeline.addresses[:40])}"
    return Head(x, title, shortened(below, int(width / 6.4)), lifeline.role, full)


def _line(arrow: Arrow, xs: list[float], y: float) -> Line:
    folds = arrow.kind == "fold"
    x1, x2 = (xs[0], xs[-1]) if folds else (xs[arrow.start], xs[arrow.end])
    times = f" ×{arrow.times}" if arrow.times > 1 else ""
    room = int((abs(x2 - x1) - 30) / GLYPH)
    short = arrow.label if arrow.kind in ("request", "fold") else arrow.label.split(" ")[0]
    labels = [f"{arrow.label}{times}", f"{short}{times}"]
    with_sdp = [f"{label} · {arrow.sdp}" for label in labels] if arrow.sdp else []
    fitting = [label for label in (*with_sdp, *labels) if len(label) <= room]
    early = f", early dialog {arrow.early}" if arrow.early else ""
    sent = f", sent {arrow.times} times" if arrow.times > 1 else ""
    named = f"; evidence of {', '.join(arrow.rules)}" if arrow.rules else ""
    return Line(
        x1=x1,
        x2=x2,
        y=y,
        label=fitting[0] if fitting else shortened(labels[-1], room),
        kind=arrow.kind,
        early=arrow.early,
        colour=(arrow.early - 1) % COLOURS + 1 if arrow.early else None,
        time="" if arrow.offset_s is None else f"{arrow.offset_s:+.3f} s",
        place="" if folds else _short_place(arrow.place),
        full=f"{arrow.label}{f', SDP {arrow.sdp}' if arrow.sdp else ''}{early}{sent}; {'from ' if folds else ''}{arrow.place}{named}",
        rules=arrow.rules[:MOST_PINS],
    )


def lane_words(lane: Lane) -> list[str]:
    """What a media lane says, longest first: its way, codec, packets, loss, jitter."""
    way = PATH_WORDS.get(lane.path, "")
    loss = "" if lane.loss_pct is None else f" · loss {lane.loss_pct:g} %"
    jitter = "" if lane.jitter_ms is None else f" · jitter {lane.jitter_ms:g} ms"
    before = f"{way} · " if way else ""
    return [
        f"{before}{lane.codec} · {lane.packets:,} packets{loss}{jitter}",
        f"{before}{lane.codec} {lane.packets:,}{loss}",
        f"{lane.codec} {lane.packets:,}{loss}",
        f"{lane.packets:,}{loss}",
    ]


def _lane(lane: Lane, xs: list[float], y: float) -> Line:
    room = int((abs(xs[lane.end] - xs[lane.start]) - 30) / GLYPH)
    labels = lane_words(lane)
    return Line(
        x1=xs[lane.start],
        x2=xs[lane.end],
        y=y,
        label=next((label for label in labels if len(label) <= room), shortened(labels[-1], room)),
        kind="lossy" if (lane.loss_pct or 0) >= 1 else lane.path,
        early=None,
        colour=None,
        time="" if lane.from_s is None or lane.until_s is None else f"{lane.from_s:.1f}–{lane.until_s:.1f} s",
        place=_short_place(lane.place),
        full=f"RTP {lane.source} to {lane.target}, {labels[0]}; first packet {lane.place}",
    )


def _short_place(place: str) -> str:
    words = place.split(" ")
    return " ".join(words[-2:]) if len(words) >= 3 and words[-2] in ("frame", "line") else ""
