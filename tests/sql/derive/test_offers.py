"""Offers and answers: who offered what to whom, and what became of it."""

from __future__ import annotations

from typing import Any

COLUMNS = "offer_method, offered_by, offer_port, answer_status, answer_port, outcome"


def test_each_early_dialog_answers_for_itself(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE        sdp=10.2.0.21:20000
        100   mediation -> gateway   183 to=t1     sdp=10.1.0.10:30001
        110   mediation -> gateway   183 to=t2     sdp=10.1.0.10:30002
        900   mediation -> gateway   200 to=t2     sdp=10.1.0.10:30002
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS + ", dialog_id is not null", "ordinal") == [
        ("INVITE", "caller", 20000, 183, 30001, "accepted", True),
        ("INVITE", "caller", 20000, 183, 30002, "accepted", True),
    ]


def test_the_200_replaces_an_unreliable_183_that_said_otherwise(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE   sdp=10.2.0.21:20000
        100   mediation -> gateway   183      sdp=10.1.0.10:30001
        900   mediation -> gateway   200      sdp=10.3.0.51:50000
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "caller", 20000, 200, 50000, "accepted")]


def test_the_first_reliable_183_is_the_answer(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE           sdp=10.2.0.21:20000
        100   mediation -> gateway   183 rseq=1       sdp=10.1.0.10:30001
        900   mediation -> gateway   200              sdp=10.1.0.10:30009
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "caller", 20000, 183, 30001, "accepted")]


def test_an_offer_refused_and_one_that_was_only_challenged(lab: Any) -> None:
    lab.leg("""
        0     mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        10    gateway -> mediation   407
        20    mediation -> gateway   ACK
        30    mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        40    gateway -> mediation   488
        50    mediation -> gateway   ACK
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS + ", dialog_id", "ordinal") == [
        ("INVITE", "caller", 50000, 407, None, "unanswered", None),
        ("INVITE", "caller", 50000, 488, None, "rejected", None),
    ]


def test_a_cancelled_offer_was_not_refused(lab: Any) -> None:
    lab.leg("""
        0     mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        500   mediation -> gateway   CANCEL
        510   gateway -> mediation   200 CANCEL
        520   gateway -> mediation   487
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "caller", 50000, 487, None, "unanswered")]


def test_port_zero_rejects_the_stream(lab: Any) -> None:
    lab.leg("""
        0     mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        900   gateway -> mediation   200      sdp=10.2.0.21:0
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "caller", 50000, 200, 0, "stream_rejected")]


def test_an_invite_without_sdp_gets_the_offer_in_the_200(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE
        900   mediation -> gateway   200       sdp=10.1.0.10:30001
        950   gateway -> mediation   ACK       sdp=10.2.0.21:20000
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "callee", 30001, None, 20000, "accepted")]


def test_an_invite_without_sdp_gets_the_offer_in_a_reliable_183(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE
        100   mediation -> gateway   183 rseq=1   sdp=10.1.0.10:30001
        150   gateway -> mediation   PRACK        sdp=10.2.0.21:20000
        160   mediation -> gateway   200 PRACK
        900   mediation -> gateway   200
        950   gateway -> mediation   ACK
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "callee", 30001, None, 20000, "accepted")]


def test_prack_update_and_re_invite_offer_anew(lab: Any) -> None:
    lab.leg("""
        0     gateway -> mediation   INVITE           sdp=10.2.0.21:20000
        100   mediation -> gateway   183 rseq=1       sdp=10.1.0.10:30001
        150   gateway -> mediation   PRACK            sdp=10.2.0.21:20002
        160   mediation -> gateway   200 PRACK        sdp=10.1.0.10:30003
        300   mediation -> gateway   UPDATE           sdp=10.3.0.51:50000
        310   gateway -> mediation   488 UPDATE
        900   mediation -> gateway   200
        950   gateway -> mediation   ACK
        4000  mediation -> gateway   INVITE           sdp=10.3.0.51:50002
        4010  gateway -> mediation   200 INVITE       sdp=10.2.0.21:20000
        4020  mediation -> gateway   ACK
        5000  mediation -> gateway   INVITE           sdp=10.3.0.51:50004
        5010  gateway -> mediation   491 INVITE
        5020  mediation -> gateway   ACK
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS + ", dialog_id = (select dialog_id from dialog)", "ordinal") == [
        ("INVITE", "caller", 20000, 183, 30001, "accepted", True),
        ("PRACK", "caller", 20002, 200, 30003, "accepted", True),
        ("UPDATE", "callee", 50000, 488, None, "rejected", True),
        ("INVITE", "callee", 50002, 200, 20000, "accepted", True),
        ("INVITE", "callee", 50004, 491, None, "unanswered", True),
    ]


def test_an_offer_on_two_hops_is_one_offer(lab: Any) -> None:
    lab.leg("""
        0    client -> front_end      INVITE         sdp=10.3.0.51:50000
        2    front_end -> mediation   INVITE hop=2   sdp=10.3.0.51:50000
        900  mediation -> front_end   200 hop=2      sdp=10.1.0.10:30001
        902  front_end -> client      200            sdp=10.1.0.10:30001
    """)
    lab.derive()
    assert lab.rows("offer_answer", COLUMNS) == [("INVITE", "caller", 50000, 200, 30001, "accepted")]


def test_whose_address_was_offered(lab: Any) -> None:
    lab.leg("""
        0     client -> mediation    INVITE   sdp=10.3.0.51:50000
        900   mediation -> client    200      sdp=10.2.0.21:20000
    """, call_id="client")  # fmt: skip
    lab.leg("""
        20    mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        880   gateway -> mediation   200      sdp=10.2.0.21:20000
        4000  mediation -> gateway   INVITE to=b   sdp=10.1.0.10:30001
        4010  gateway -> mediation   200      sdp=10.2.0.21:20000
    """, call_id="trunk")  # fmt: skip
    lab.leg("""
        10000  alice -> bob   INVITE   sdp=192.0.2.1:4000
    """, call_id="plain")  # fmt: skip
    lab.derive()
    assert lab.rows("offer_answer", "offer_ip, offer_is_endpoint", "offer_ts") == [
        ("10.3.0.51", True),
        ("10.3.0.51", True),
        ("10.1.0.10", False),
        ("192.0.2.1", None),
    ]
