"""What a capture could not show: counters of the pass and of reassembly as rows of `capture_health`."""

from __future__ import annotations

from collections.abc import Iterator

from siplens.capture import kernel_layout as k
from siplens.capture.containers import Drops
from siplens.capture.links import name_of
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


def note_counters(memory: Memory, drops: Drops, findings: Findings) -> None:
    """Turn the counters of a finished pass into findings."""
    m = memory.m
    for interface in memory.interfaces:
        if interface[k.I_UNOPENED]:
            number = int(interface[k.I_LINK_NUMBER])
            findings.add(
                "link_type_unknown",
                int(interface[k.I_UNOPENED_FIRST]),
                f"frames of link type {name_of(number)} ({number}) cannot be opened",
                int(interface[k.I_UNOPENED]),
            )
    if drops.counts:
        findings.add("drops", None, "packets that the capturing machine says it dropped", min(sum(drops.counts.values()), (1 << 62)))
    if m[k.CUT_PACKETS]:
        findings.add("cut_packets", int(m[k.CUT_FIRST]), "packets cut by the snap length", int(m[k.CUT_PACKETS]))
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
