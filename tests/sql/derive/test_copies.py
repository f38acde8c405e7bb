"""Messages seen more than once: sent again, or seen by another source. And the clocks that this tells of."""

from __future__ import annotations

from typing import Any

SHORT_CALL = """
    0     alice -> bob   INVITE
    100   bob -> alice   180
    900   bob -> alice   200
    950   alice -> bob   ACK
"""


def test_a_request_sent_again_is_counted_and_not_repeated(lab: Any) -> None:
    lab.leg("""
        0      alice -> bob   INVITE
        500    alice -> bob   INVITE again
        1500   alice -> bob   INVITE again
        1600   bob -> alice   180
        1700   bob -> alice   200
        2200   bob -> alice   200
        2210   alice -> bob   ACK
    """)
    lab.derive()
    assert lab.rows("message", "ordinal, is_retransmission, is_duplicate") == [
        (0, False, False),
        (1, True, False),
        (2, True, False),
        (3, False, False),
        (4, False, False),
        (5, True, False),
        (6, False, False),
    ]
    assert lab.rows("transaction", "method, sends, provisionals, final_status") == [("ACK", 1, 0, None), ("INVITE", 3, 1, 200)]


def test_the_same_call_id_a_day_later_is_no_retransmission(lab: Any) -> None:
    lab.leg(SHORT_CALL)
    lab.leg(SHORT_CALL, at=86_400_000)
    lab.derive()
    assert lab.row("message", "count(*) filter (where is_retransmission or is_duplicate)") == (0,)


def test_forked_responses_are_no_retransmissions_of_each_other(lab: Any) -> None:
    lab.leg("""
        0    alice -> bob   INVITE
        100  bob -> alice   183 to=a
        110  bob -> alice   183 to=c
        120  bob -> alice   183 to=a
    """)
    lab.derive()
    assert lab.rows("message", "ordinal, is_retransmission") == [(0, False), (1, False), (2, False), (3, True)]


def test_another_source_with_its_clock_ahead_saw_the_same_messages(lab: Any) -> None:
    lab.leg(SHORT_CALL)
    lab.same_messages_in(2, shift_ms=250)
    lab.derive()
    assert lab.rows("source", "source_id, clock_offset_ms") == [(1, None), (2, -250.0)]
    assert lab.rows("message", "message_id - 2 * 4294967296, same_as - 4294967296", "1, 2")[4:] == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert lab.row("call", "legs, messages, sources") == (1, 4, [1, 2])


def test_a_log_in_another_time_zone_still_shows_the_same_messages(lab: Any) -> None:
    lab.leg(SHORT_CALL)
    lab.same_messages_in(2, shift_ms=3_600_040, kind="log", addresses=False)
    lab.derive()
    assert lab.rows("source", "source_id, clock_offset_ms") == [(1, None), (2, -3_600_040.0)]
    assert lab.row("message", "count(*) filter (where is_duplicate)") == (4,)


def test_the_observation_with_addresses_counts_even_if_the_log_came_first(lab: Any) -> None:
    lab.source(1, kind="log")
    lab.leg(SHORT_CALL)
    lab.same_messages_in(2, shift_ms=0)
    for sighting in lab.sightings[1]:
        sighting.src = sighting.dst = ""
    lab.derive()
    assert lab.rows("message", "source_id, is_duplicate", "1, 2")[::4] == [(1, True), (2, False)]
    assert lab.row("leg", "src_ip, dst_ip") == ("192.0.2.1", "192.0.2.20")


def test_a_retransmission_that_one_source_missed_is_no_duplicate(lab: Any) -> None:
    lab.leg("0 alice -> bob INVITE")
    lab.source(2)
    lab.leg("""
        0     alice -> bob   INVITE
        500   alice -> bob   INVITE again
    """)
    lab.derive()
    assert lab.rows("message", "source_id, is_duplicate, is_retransmission", "message_id") == [
        (1, False, False),
        (2, True, False),
        (2, False, True),
    ]


def test_a_call_id_used_again_days_later_in_another_file_is_another_call(lab: Any) -> None:
    lab.leg(SHORT_CALL)
    lab.same_messages_in(2, shift_ms=3 * 86_400_000)
    lab.derive()
    assert lab.row("message", "count(*) filter (where is_duplicate)") == (0,)
    assert lab.rows("source", "clock_offset_ms") == [(None,), (None,)]


def test_deriving_again_changes_nothing(lab: Any) -> None:
    lab.leg(SHORT_CALL)
    lab.same_messages_in(2, shift_ms=250)
    lab.derive()
    before = [lab.rows(table, "*") for table in ("message", "source", "leg", "dialog", "call", "call_number")]
    lab.rederive()
    assert [lab.rows(table, "*") for table in ("message", "source", "leg", "dialog", "call", "call_number")] == before
