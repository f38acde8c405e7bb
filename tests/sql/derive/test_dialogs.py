"""Dialogs: every early dialog is a row, with how it ended."""

from __future__ import annotations

from typing import Any

FORKED_TO_FIVE = """
    0     gateway -> mediation   INVITE
    5     mediation -> gateway   100
    100   mediation -> gateway   183 to=t1 rseq=1 sdp=10.1.0.10:30001
    110   gateway -> mediation   PRACK to=t1
    120   mediation -> gateway   200 PRACK to=t1
    130   mediation -> gateway   183 to=t2 rseq=7 sdp=10.1.0.10:30002
    140   gateway -> mediation   PRACK to=t2
    150   mediation -> gateway   481 PRACK to=t2
    160   mediation -> gateway   183 to=t3 sdp=10.1.0.10:30003
    170   mediation -> gateway   180 to=t4
    175   mediation -> gateway   183 to=t4 sdp=10.1.0.10:30004
    180   mediation -> gateway   180 to=t5
"""


def test_five_early_dialogs_one_of_which_is_answered(lab: Any) -> None:
    lab.leg(FORKED_TO_FIVE + "\n".join([
        "4000  mediation -> gateway 200 to=t3 sdp=10.1.0.10:30003",
        "4050  gateway -> mediation ACK to=t3",
        "9000  gateway -> mediation BYE to=t3",
        "9010  mediation -> gateway 200 BYE to=t3",
    ]))  # fmt: skip
    lab.derive()
    columns = "ordinal, to_tag, first_status, provisionals, reliable, prack_status, has_sdp, media_port, acked, ended_by"
    assert lab.rows("dialog", columns) == [
        (1, "t1", 183, 1, True, 200, True, 30001, False, "answered_elsewhere"),
        (2, "t2", 183, 1, True, 481, True, 30002, False, "answered_elsewhere"),
        (3, "t3", 183, 1, False, None, True, 30003, True, "bye"),
        (4, "t4", 180, 2, False, None, True, 30004, False, "answered_elsewhere"),
        (5, "t5", 180, 1, False, None, False, None, False, "answered_elsewhere"),
    ]
    assert lab.row("leg", "early_dialogs, outcome, answered_dialog_id = (select dialog_id from dialog where to_tag = 't3')") == (
        5, "answered", True,
    )  # fmt: skip
    assert lab.row("call", "early_dialogs, direction") == (5, "inbound")


def test_cancel_ends_all_early_dialogs(lab: Any) -> None:
    lab.leg(FORKED_TO_FIVE + "\n".join([
        "300   gateway -> mediation CANCEL",
        "310   mediation -> gateway 200 CANCEL",
        "320   mediation -> gateway 487 to=other",
        "330   gateway -> mediation ACK to=other",
    ]))  # fmt: skip
    lab.derive()
    assert lab.rows("dialog", "ordinal, ended_by, epoch_ms(ended_ts - timestamp '2026-03-02 10:00:00')") == [
        (ordinal, "cancel", 300) for ordinal in range(1, 6)
    ]


def test_199_ends_one_early_dialog_and_begins_none(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        100   bob -> alice   180 to=t1
        110   bob -> alice   180 to=t2
        500   bob -> alice   199 to=t1
        510   bob -> alice   199 to=unheard
        900   bob -> alice   486 to=t2
    """)
    lab.derive()
    assert lab.rows("dialog", "to_tag, ended_by") == [("t1", "199"), ("t2", "rejected")]
    assert lab.row("leg", "early_dialogs") == (2,)


def test_two_2xx_confirm_two_dialogs(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        100   bob -> alice   180 to=t1
        110   bob -> alice   180 to=t2
        900   bob -> alice   200 to=t1
        910   alice -> bob   ACK to=t1
        950   bob -> alice   200 to=t2
        960   alice -> bob   ACK to=t2
        970   alice -> bob   BYE to=t2
        980   bob -> alice   200 BYE to=t2
        8000  bob -> alice   BYE to=t1
        8010  alice -> bob   200 BYE to=t1
    """)
    lab.derive()
    assert lab.rows("dialog", "to_tag, confirmed_id is not null, acked, ended_by") == [
        ("t1", True, True, "bye"),
        ("t2", True, True, "bye"),
    ]
    assert lab.row("leg", "bye_by, epoch_ms(bye_ts - started_ts)") == ("callee", 8000)


def test_an_early_dialog_that_goes_on_after_the_answer_lives_for_32_seconds(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        100   bob -> alice   180 to=t1
        110   bob -> alice   180 to=t2
        900   bob -> alice   200 to=t1
        6000  bob -> alice   183 to=t2
    """)
    lab.derive()
    assert lab.rows("dialog", "to_tag, ended_by, epoch_ms(ended_ts - first_ts)") == [("t1", "open", None), ("t2", "timed_out", 32_790)]


def test_failures_and_100_make_no_dialog(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        10    bob -> alice   100 to=t0
        900   bob -> alice   486 to=t1
    """)
    lab.derive()
    assert lab.row("dialog", "count(*)") == (0,)


def test_update_refused_in_a_later_early_dialog(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE                sdp=10.2.0.21:20000
        100   mediation -> gateway   183 to=t1 rseq=1      sdp=10.1.0.10:30001
        110   mediation -> gateway   183 to=t2 rseq=2      sdp=10.1.0.10:30002
        200   mediation -> gateway   UPDATE to=t1          sdp=10.1.0.10:30001
        210   gateway -> mediation   200 UPDATE to=t1      sdp=10.2.0.21:20000
        300   mediation -> gateway   UPDATE to=t2          sdp=10.1.0.10:30002
        310   gateway -> mediation   488 UPDATE to=t2
    """)
    lab.derive()
    assert lab.rows("dialog", "to_tag, update_status, ended_by") == [("t1", 200, "open"), ("t2", 488, "open")]


def test_a_prack_without_to_tag_is_placed_by_rack(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        100   bob -> alice   183 to=t1 rseq=11
        110   bob -> alice   183 to=t2 rseq=22
        120   alice -> bob   PRACK to= rack=22
        130   bob -> alice   481 PRACK to=x
    """)
    lab.derive()
    assert lab.rows("dialog", "to_tag, prack_status") == [("t1", None), ("t2", 481)]
