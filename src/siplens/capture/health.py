"""What a capture could not show: counters of the pass and of reassembly as rows of `capture_health`."""

from __future__ import annotations

from collections.abc import Iterator

from siplens.capture import kernel_layout as k
from siplens.capture.containers import Notes
from siplens.capture.left_over import MAX_FRAMES, LeftOver, tshark_is_here
from siplens.capture.links import LEFT_OVER, name_of
from siplens.capture.memory import Memory
from siplens.capture.rows import Row


class Findings:
    """Checks that found something: how many packets or streams, the first frame, and a sentence."""

    def __init__(self) -> None:
        self._found: dict[str, Row] = {}

    def add(self, check: str, frame: int | None, detail: str, amount: int = 1) -> None:
        """Count one more; the first frame and the first sentence stay."""
        row = self._found.setdefault(check, {"check_name": check, "amount": 0, "frame": frame, "detail": detail})
        row["amount"] += amount

    def rows(self) -> Iterator[Row]:
        """One row per check."""
        yield from self._found.values()


def note_counters(memory: Memory, notes: Notes, left_over: LeftOver, findings: Findings) -> None:
    """Turn the counters of a finished pass into findings."""
    m = memory.m
    _note_unopened(memory, left_over, findings)
    drops = sum(notes.drops.values()) or int(memory.interfaces[:, k.I_DROPPED].sum())
    if drops:
        findings.add("drops", None, "packets that the capturing machine says it dropped", min(drops, (1 << 62)))
    if m[k.CUT_PACKETS]:
        findings.add("cut_packets", int(m[k.CUT_FIRST]), "packets cut by the snap length", int(m[k.CUT_PACKETS]))
    if left_over.sealed:
        what = "TLS connections on SIP ports, which no key opens: their signalling is encrypted"
        findings.add("tls_signalling", min(left_over.sealed.values()), what, len(left_over.sealed))
    if notes.secrets and not left_over.asked:
        why = "was not asked" if tshark_is_here() else "is not installed here"
        what = f"sets of TLS secrets inside the file were not used: tshark, which opens TLS with them, {why}"
        findings.add("secrets_unused", None, what, len(notes.secrets))
    if m[k.TLS_STREAMS]:
        what = "directions of TLS connections on SIP ports, which no key opens"
        findings.add("tls_signalling", int(m[k.TLS_FIRST]), what, int(m[k.TLS_STREAMS]))
    for kind, what in ((k.KIND_STUN, "STUN messages"), (k.KIND_RTCP, "RTCP packets"), (k.KIND_ICMP, "ICMP errors")):
        surplus = int(m[k.ROWS_SEEN + kind] - m[k.MAX_ROWS])
        if surplus > 0:
            findings.add("rows_bounded", None, f"{what} beyond the first {int(m[k.MAX_ROWS]):,} were counted only", surplus)
    if m[k.FLOWS_REFUSED]:
        findings.add("flows_bounded", None, f"packets of media flows beyond the first {int(m[k.MAX_FLOWS]):,}", int(m[k.FLOWS_REFUSED]))
    if m[k.BINDINGS_REFUSED]:
        findings.add("announcements_bounded", None, "media addresses in SDP beyond what is remembered", int(m[k.BINDINGS_REFUSED]))


def _note_unopened(memory: Memory, left_over: LeftOver, findings: Findings) -> None:
    """Name what neither the kernel nor tshark opened. Of a kind of which some frames were opened, the others hold no IP."""
    why = _why_unopened(left_over)
    for interface in memory.interfaces:
        number = int(interface[k.I_LINK_NUMBER])
        if interface[k.I_UNOPENED] and (0, number) not in left_over.opened_for:
            what = f"frames of link type {name_of(number)} ({number}) cannot be opened{why if interface[k.I_LINK] == k.LINK_WANTED else ''}"
            findings.add("link_type_unknown", int(interface[k.I_UNOPENED_FIRST]), what, int(interface[k.I_UNOPENED]))
    opened = {place for place, _ in left_over.opened_for}
    rest = [
        (protocol.name, int(row[k.O_FRAMES]), int(row[k.O_FIRST]))
        for place, (protocol, row) in enumerate(zip(LEFT_OVER, memory.left_over, strict=True))
        if row[k.O_FRAMES] and k.LEFTS + place * k.LEFT_COLUMNS not in opened
    ]
    if rest:
        names = ", ".join(f"{name} ({frames})" for name, frames, _ in rest)
        what = f"frames that may hold more than was read: {names}{why}"
        findings.add("not_opened", min(first for *_, first in rest), what, sum(frames for _, frames, _ in rest))
    if left_over.full:
        findings.add("left_over_bounded", None, f"frames beyond the first {MAX_FRAMES:,} that tshark was to open were left out")
    if left_over.problem:
        findings.add("wireshark_stopped", None, left_over.problem)


def _why_unopened(left_over: LeftOver) -> str:
    if left_over.used:
        return "; tshark found no IP in them"
    return "" if tshark_is_here() else "; tshark, which may open them, is not installed here"
