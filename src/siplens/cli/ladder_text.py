"""Draws a ladder for the terminal: lifelines as columns, a line per message, media lanes below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from siplens.report.ladder import Arrow, Ladder, Lane
from siplens.report.ladder_svg import duration, lane_words
from siplens.report.text import shortened

if TYPE_CHECKING:
    from rich.text import Text

EARLY_STYLES = ("cyan", "magenta", "yellow", "green", "bright_blue", "bright_red", "bright_cyan", "bright_magenta")
"""Colour of the 1st, 2nd … early dialog; they repeat after the eighth, and the ordinal tells them apart."""
KIND_STYLES = {"request": "", "provisional": "dim", "success": "green", "failure": "bold red"}
PATH_STYLES = {"direct": "bold green", "mediated": "bold magenta", "relay": "bold yellow", "unknown": "bold"}
"""Colour of media by the way they go."""
GUTTER = 10
"""Columns for the time, left of the lifelines."""
HALF_HEAD = 10
"""Columns that the head of the first lifeline needs on its left."""
PLACE = 7
"""Columns for frame or line alone."""
NARROWEST = 14
"""Columns a lifeline needs at least."""

WIDEST = 60
"""Columns between two lifelines at most."""

Cells = list[tuple[str, str]]
"""One line: a character and its style for each column."""


def early_style(ordinal: int) -> str:
    """The colour of an early dialog."""
    return EARLY_STYLES[(ordinal - 1) % len(EARLY_STYLES)]


def badge(ordinal: int) -> str:
    """The ordinal in a circle, such as ② for the second early dialog."""
    return chr(0x2460 + ordinal - 1) if 1 <= ordinal <= 20 else f"({ordinal})"


def draw(ladder: Ladder, width: int) -> Iterator[Text]:
    """The lines of the ladder, at most `width` columns where its lifelines allow."""
    count = len(ladder.lifelines)
    if not count:
        return
    marks = max((len(" ".join(arrow.rules)) for arrow in ladder.arrows), default=0)
    margin = 3 + PLACE + (marks + 2 if marks else 0)
    spacing = min(WIDEST, max(NARROWEST, (width - GUTTER - HALF_HEAD - max(margin, HALF_HEAD)) // max(1, count - 1)))
    columns = [GUTTER + HALF_HEAD + spacing * number for number in range(count)]
    yield from _heads(ladder, columns, spacing)
    for arrow in ladder.arrows:
        if arrow.gap_s is not None:
            yield _text(_written(_gap(columns), 0, f"⋮ {duration(arrow.gap_s)}".rjust(GUTTER - 1), "dim"))
        yield from _message(arrow, columns)
    if ladder.lanes:
        yield _text(_canvas(columns))
        for lane in ladder.lanes:
            yield _text(_media(lane, columns))
    if ladder.hidden:
        yield _text(_written(_canvas(columns), 0, f"({ladder.hidden} messages between hosts drawn as one are not shown)", "dim"))


def _heads(ladder: Ladder, columns: Sequence[int], spacing: int) -> Iterator[Text]:
    titles = [[each.title, *([each.name] if each.name else []), *each.addresses[:2]] for each in ladder.lifelines]
    for depth in range(max(map(len, titles))):
        cells: Cells = [(" ", "")] * (columns[-1] + HALF_HEAD)
        for column, title in zip(columns, titles, strict=True):
            if depth < len(title):
                words = shortened(title[depth], min(spacing - 1, 2 * HALF_HEAD + 4))
                _written(cells, column - len(words) // 2, words, "bold" if depth == 0 else "dim")
        yield _text(cells)
    yield _text(_canvas(columns))


def plain_text(ladder: Ladder, width: int) -> str:
    """The ladder without colours, as text for a file or a ticket."""
    return "".join(f"{line.plain.rstrip()}\n" for line in draw(ladder, width))


def _gap(columns: Sequence[int]) -> Cells:
    """Lifelines where nothing happened for long."""
    cells = _canvas(columns)
    for column in columns:
        cells[column] = ("┊", "dim")
    return cells


def _message(arrow: Arrow, columns: Sequence[int]) -> Iterator[Text]:
    if arrow.kind == "fold":
        yield _text(_band(arrow, columns))
        return
    style = early_style(arrow.early) if arrow.early and arrow.kind != "failure" else KIND_STYLES[arrow.kind]
    shaft = "─" if arrow.kind == "request" else "╌"
    mark = (f" {badge(arrow.early)}" if arrow.early else "") + (f" ×{arrow.times}" if arrow.times > 1 else "")
    room = abs(columns[arrow.end] - columns[arrow.start]) - 5
    short = arrow.label.split(" ")[0] if arrow.kind != "request" else arrow.label
    whole = [f"{arrow.label}{mark}", f"{short}{mark}"]
    joined = [f"{label}  {arrow.sdp}" for label in whole] if arrow.sdp else []
    fits = [label for label in (*joined, *whole) if len(label) <= room]
    label = fits[0] if fits else shortened(whole[-1], room)
    cells = _canvas(columns)
    _arrow(cells, columns, arrow.start, arrow.end, label, shaft, style)
    if arrow.offset_s is not None:
        _written(cells, 0, f"{arrow.offset_s:+9.3f}", "dim")
    _written(cells, columns[-1] + 3, _frame(arrow.place), "dim")
    if arrow.rules:
        _written(cells, columns[-1] + 3 + PLACE, "◄ " + " ".join(arrow.rules), "bold red")
    yield _text(cells)
    if arrow.sdp and label not in joined:
        yield _text(_below(arrow, columns, style))


def _band(arrow: Arrow, columns: Sequence[int]) -> Cells:
    """A line that stands for many messages, across all lifelines."""
    cells = _canvas(columns)
    inner = columns[-1] - columns[0] - 1
    _written(cells, columns[0] + 1, f" {shortened(arrow.label, inner - 2)} ".center(inner, "┄"), "dim")
    if arrow.offset_s is not None:
        _written(cells, 0, f"{arrow.offset_s:+9.3f}", "dim")
    return cells


def _below(arrow: Arrow, columns: Sequence[int], style: str) -> Cells:
    """The SDP address under an arrow that has no room for it."""
    cells = _canvas(columns)
    left, right = sorted((columns[arrow.start], columns[arrow.end]))
    words = shortened(arrow.sdp or "", right - left - 1)
    return _written(cells, left + 1 + (right - left - 1 - len(words)) // 2, words, style or "dim")


def _media(lane: Lane, columns: Sequence[int]) -> Cells:
    room = abs(columns[lane.end] - columns[lane.start]) - 5
    labels = lane_words(lane)
    label = next((each for each in labels if len(each) <= room), shortened(f"{lane.packets:,}", room))
    style = "bold red" if (lane.loss_pct or 0) >= 1 else PATH_STYLES[lane.path]
    cells = _canvas(columns)
    _arrow(cells, columns, lane.start, lane.end, label, "═", style)
    _written(cells, 0, " media", style)
    return _written(cells, columns[-1] + 3, _frame(lane.place), "dim")


def _arrow(cells: Cells, columns: Sequence[int], start: int, end: int, label: str, shaft: str, style: str) -> None:
    left, right = sorted((columns[start], columns[end]))
    inner = right - left - 2
    words = f" {label} "
    before = max(1, (inner - len(words)) // 2)
    line = (shaft * before + words).ljust(inner, shaft)[:inner]
    _written(cells, left + 1, line + "▶" if end > start else "◀" + line, style)


def _frame(place: str) -> str:
    """`#12` for a frame, `L40` for a line."""
    words = place.split(" ")
    if len(words) >= 3 and words[-2] in ("frame", "line"):
        return ("#" if words[-2] == "frame" else "L") + words[-1]
    return ""


def _canvas(columns: Sequence[int]) -> Cells:
    cells: Cells = [(" ", "")] * (columns[-1] + HALF_HEAD)
    for column in columns:
        cells[column] = ("│", "dim")
    return cells


def _written(cells: Cells, start: int, words: str, style: str) -> Cells:
    from rich.cells import cell_len

    taken = [(character, cell_len(character)) for character in words]
    cells += [(" ", "")] * (start + sum(size for _, size in taken) - len(cells))
    position = start
    for character, size in taken:
        if size == 0 and position > 0:
            cells[position - 1] = (cells[position - 1][0] + character, style)
        elif position >= 0:
            cells[position : position + size] = [(character, style), *[("", style)] * (size - 1)]
        position += size
    return cells


def _text(cells: Cells) -> Text:
    from rich.text import Text

    runs = [("".join(character for character, _ in run), style) for style, run in groupby(cells, key=lambda cell: cell[1])]
    line = Text.assemble(*runs, no_wrap=True, overflow="ellipsis")
    line.rstrip()
    return line
