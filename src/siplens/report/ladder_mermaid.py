"""A ladder as a Mermaid sequence diagram: text that Git hosts and wikis draw. Its syntax is closed to SIP text by character codes."""

from __future__ import annotations

import re

from siplens.report.ladder import Arrow, Ladder, Lane
from siplens.report.ladder_svg import PATH_WORDS, duration
from siplens.report.text import visible

_PLAIN = re.compile(r"[^A-Za-z0-9 .,:/@+()_×·→–%-]")
_ARROWS = {"request": "->>", "provisional": "-->>", "success": "-->>", "failure": "--x"}


def mermaid(ladder: Ladder, title: str) -> str:
    """The ladder as the text of a Mermaid diagram."""
    lines = ["sequenceDiagram", f"    accTitle: {_safe(title)}"]
    for number, lifeline in enumerate(ladder.lifelines):
        words = [lifeline.title, *([lifeline.name] if lifeline.name else []), *lifeline.addresses[:2]]
        lines.append(f"    participant h{number} as {'<br/>'.join(_safe(word) for word in words)}")
    for arrow in ladder.arrows:
        lines += [f"    {line}" for line in _message(arrow, len(ladder.lifelines))]
    for lane in ladder.lanes:
        lines.append(f"    h{lane.start}-)h{lane.end}: {_safe(_media(lane))}")
    return "\n".join(lines) + "\n"


def _message(arrow: Arrow, count: int) -> list[str]:
    lines = []
    everybody = f"over h0,h{count - 1}" if count > 1 else "over h0"
    if arrow.gap_s is not None:
        lines.append(f"Note {everybody}: {_safe(duration(arrow.gap_s))} later")
    if arrow.kind == "fold":
        return [*lines, f"Note {everybody}: {_safe(arrow.label)}"]
    mark = f" ({arrow.early})" if arrow.early else ""
    times = f" ×{arrow.times}" if arrow.times > 1 else ""
    when = "" if arrow.offset_s is None else f"{arrow.offset_s:+.3f} "
    sdp = f" · {arrow.sdp}" if arrow.sdp else ""
    lines.append(f"h{arrow.start}{_ARROWS[arrow.kind]}h{arrow.end}: {_safe(f'{when}{arrow.label}{mark}{times}{sdp}')}")
    if arrow.rules:
        lines.append(f"Note right of h{max(arrow.start, arrow.end)}: {_safe(' '.join(arrow.rules))}")
    return lines


def _media(lane: Lane) -> str:
    loss = "" if lane.loss_pct is None else f", loss {lane.loss_pct:g} %"
    way = PATH_WORDS.get(lane.path, "")
    return f"RTP {way}{' ' if way else ''}{lane.codec} {lane.packets} packets{loss}"


def _safe(text: str) -> str:
    """The text with every character that means something to Mermaid or HTML as its code (#35; is #)."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", visible(text))
