"""Folding: what may be left out of a long ladder, and in which order, so that a call of five hundred messages is still read at once.

Nothing that a finding names is folded, nor what opens, changes or ends a session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from siplens.report.ladder import Arrow, Ladder

FOLDED_METHODS = frozenset({"OPTIONS", "INFO", "NOTIFY", "BENOTIFY", "MESSAGE", "SUBSCRIBE", "REGISTER", "SERVICE"})
"""Methods that carry neither the dialog nor its media: runs of them become one line."""
RUN_LENGTH = 4
"""Shorter runs are shown message by message."""
MOST_LINES = 64
"""Lines that a folded ladder has at most, but for those that findings name."""
GAP_S = 2.0
"""Silence from this length on, in seconds, is marked."""

ROUTINE, PLAIN, SESSION, TURN, PROOF = range(5)
"""How much a line matters: keep-alives; ACK, 100, PRACK and what repeats; re-INVITE, UPDATE, REFER; what opens, changes or ends a
session; what a finding names."""


def folded(ladder: Ladder, *, fold_runs: bool = True) -> Ladder:
    """The ladder as it is drawn: folded, unless every message is wanted, and with long silences marked."""
    return replace(ladder, arrows=tuple(mark_gaps(fold(ladder.arrows) if fold_runs else ladder.arrows)))


def fold(arrows: Sequence[Arrow]) -> list[Arrow]:
    """The lines worth showing. Runs of routine always fold; more only where the ladder would be longer than MOST_LINES."""
    weights = weigh(arrows)
    lines = _folded(arrows, weights, ROUTINE, RUN_LENGTH)
    for below in (PLAIN, SESSION):
        if len(lines) <= MOST_LINES:
            return lines
        lines = _folded(arrows, weights, below, 2)
    return lines if len(lines) <= MOST_LINES else _ends_only(arrows, weights)


def mark_gaps(arrows: Sequence[Arrow]) -> list[Arrow]:
    """The same lines, with the silence before each where it was long."""
    marked: list[Arrow] = []
    before: float | None = None
    for arrow in arrows:
        gap = arrow.offset_s - before if arrow.offset_s is not None and before is not None else 0.0
        marked.append(replace(arrow, gap_s=gap) if gap >= GAP_S else arrow)
        ended = arrow.offset_s if arrow.until_s is None else arrow.until_s
        before = ended if before is None or (ended is not None and ended > before) else before
    return marked


def weigh(arrows: Sequence[Arrow]) -> list[int]:
    """How much each line matters."""
    weights: list[int] = []
    opened: set[tuple[object, ...]] = set()
    told: dict[tuple[object, ...], str] = {}
    for arrow in arrows:
        method = method_of(arrow)
        way = (arrow.leg_no, arrow.start, arrow.end, arrow.early)
        changes = arrow.sdp is not None and told.get(way) != arrow.sdp
        if arrow.sdp is not None:
            told[way] = arrow.sdp
        first = (arrow.leg_no, arrow.early, arrow.label) not in opened
        opened.add((arrow.leg_no, arrow.early, arrow.label))
        weights.append(_weight(arrow, method, first=first, changes=changes))
    return weights


def _weight(arrow: Arrow, method: str, *, first: bool, changes: bool) -> int:
    if arrow.rules:
        return PROOF
    if arrow.kind == "failure" or method in ("BYE", "CANCEL") or changes:
        return TURN
    if method in FOLDED_METHODS:
        return ROUTINE
    if first and method == "INVITE" and arrow.label != "100 Trying":
        return TURN
    return SESSION if arrow.kind == "request" and method in ("INVITE", "UPDATE", "REFER") else PLAIN


def _folded(arrows: Sequence[Arrow], weights: Sequence[int], below: int, shortest: int) -> list[Arrow]:
    """Runs of at least `shortest` lines of weight up to `below`, one line each."""
    lines: list[Arrow] = []
    for small, group in groupby(zip(arrows, weights, strict=True), key=lambda pair: pair[1] <= below):
        run = [arrow for arrow, _ in group]
        lines += [_one_line(run)] if small and len(run) >= shortest else run
    return lines


def _ends_only(arrows: Sequence[Arrow], weights: Sequence[int]) -> list[Arrow]:
    """Beginning and end of a ladder that is long even so; between them only what findings name, as far as there is room."""
    head, tail = MOST_LINES * 5 // 8, MOST_LINES * 3 // 8
    lines = _folded(arrows, weights, SESSION, 2)
    places = {id(line) for line in (*lines[:head], *lines[-tail:])}
    proofs = [line for line in lines[head:-tail] if line.rules][:MOST_LINES]
    places |= {id(line) for line in proofs}
    kept: list[Arrow] = []
    for shown, group in groupby(lines, key=lambda line: id(line) in places):
        run = list(group)
        kept += run if shown else [_one_line(run)]
    return kept


def _one_line(run: Sequence[Arrow]) -> Arrow:
    """A line that stands for a run."""
    first, last = run[0], run[-1]
    number = sum(arrow.folded + 1 for arrow in run)
    names = sorted({name for arrow in run for name in (arrow.methods or (method_of(arrow),))})
    until = last.offset_s if last.until_s is None else last.until_s
    time = f" in {until - first.offset_s:.1f} s" if until is not None and first.offset_s is not None and until > first.offset_s else ""
    return replace(
        first, label=f"{number} messages{time}: {', '.join(names)}", kind="fold", sdp=None, early=None, times=1,
        folded=number - 1, until_s=until, methods=tuple(names), rules=(),
    )  # fmt: skip


def method_of(arrow: Arrow) -> str:
    """The method that a line belongs to."""
    if arrow.kind == "request":
        return arrow.label
    inside = arrow.label.partition("(")[2].rstrip(")")
    return inside if inside.isupper() and inside.isalpha() else "INVITE"
