"""A ladder is the same whoever draws it; long calls fold, many hosts share a lifeline."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from siplens.report.ladder import Arrow, Ladder, _lay_out
from siplens.report.ladder_fold import MOST_LINES, fold, mark_gaps
from siplens.report.ladder_svg import lay_out


@pytest.fixture
def ladders() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ladders", Path(__file__).with_name("ladders.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def routine(number: int, method: str = "OPTIONS") -> Arrow:
    return Arrow(float(number), f"a.pcap frame {number}", 0, 1, method, "request", 1)


def host(address: str, role: str, lifeline: str | None = None, name: str | None = None) -> dict[str, object]:
    return {"address": address, "role": role, "lifeline": lifeline or f"{role} {address}", "name": name}


def test_a_run_of_keep_alives_is_one_line() -> None:
    invite = Arrow(0.0, "a.pcap frame 1", 0, 1, "INVITE", "request", 1)
    folded = fold([invite, *(routine(number) for number in range(2, 12)), invite])
    assert [arrow.label for arrow in folded] == ["INVITE", "10 messages in 9.0 s: OPTIONS", "INVITE"]
    assert folded[1].folded == 9


def test_a_short_run_stays_as_it_is() -> None:
    assert len(fold([routine(number) for number in range(3)])) == 3


def test_evidence_is_never_folded_away() -> None:
    marked = Arrow(0.0, "a.pcap frame 1", 0, 1, "OPTIONS", "request", 1, rules=("SIG001",))
    assert marked in fold([routine(1), routine(2), marked, routine(3), routine(4)])


def test_a_call_of_five_hundred_messages_is_readable() -> None:
    def message(number: int, label: str, kind: str) -> Arrow:
        return Arrow(number * 0.1, f"a.pcap frame {number}", number % 2, 1 - number % 2, label, kind, 1)

    middle = [
        message(number, "UPDATE" if number % 2 else "200 (UPDATE)", "request" if number % 2 else "success") for number in range(3, 500)
    ]
    call = [message(1, "INVITE", "request"), message(2, "200 OK", "success"), *middle, message(500, "BYE", "request")]
    lines = fold(call)
    assert len(lines) <= MOST_LINES
    assert [line.label for line in lines if line.kind != "fold"] == ["INVITE", "200 OK", "BYE"]
    assert "497 messages" in next(line.label for line in lines if line.kind == "fold")


def test_a_long_silence_is_marked() -> None:
    early, late = routine(1), routine(9)
    assert [arrow.gap_s for arrow in mark_gaps([early, late])] == [None, 8.0]


def test_lifelines_stand_in_the_order_of_the_call() -> None:
    gateway = [host(address, "peer", "peer gw1", "gw1") for address in ("10.2.0.20", "10.2.0.21")]
    lifelines, positions = _lay_out([*gateway, host("10.1.0.10", "mediation"), host("10.3.0.5", "client")], 6)
    assert [lifeline.title for lifeline in lifelines] == ["client", "Mediation Server", "peer"]
    assert lifelines[2].name == "gw1"
    assert positions["10.2.0.20"] == positions["10.2.0.21"] == 2


def test_many_hosts_of_one_role_share_a_lifeline() -> None:
    clients = [host(f"10.3.0.{number}", "client") for number in range(5)]
    lifelines, _ = _lay_out([*clients, host("10.1.0.10", "mediation"), host("10.2.0.20", "peer")], 4)
    assert [lifeline.title for lifeline in lifelines] == ["5 clients", "Mediation Server", "peer"]


def test_the_drawing_keeps_everything_inside(ladders: ModuleType) -> None:
    ladder: Ladder = ladders.forked_ladder()
    drawing = lay_out(ladder)
    assert [line.early for line in drawing.lines] == [None, None, None, 1, 1, 2, None, 1]
    assert all(0 < line.x1 < drawing.notes_x and 0 < line.x2 < drawing.notes_x for line in (*drawing.lines, *drawing.lanes))
    assert max(line.y for line in drawing.lanes) < drawing.bottom < drawing.height
    assert [lane.kind for lane in drawing.lanes] == ["unknown", "lossy"]
