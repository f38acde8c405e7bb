"""Transactions and legs: challenges, cancellation, late captures, hops."""

from __future__ import annotations

from typing import Any


def test_a_challenge_and_its_retry_are_one_leg(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        10    bob -> alice   407
        20    alice -> bob   ACK
        30    alice -> bob   INVITE
        40    bob -> alice   180
        900   bob -> alice   200
        950   alice -> bob   ACK
        9000  bob -> alice   BYE
        9010  alice -> bob   200 BYE
    """)
    lab.derive()
    assert lab.row("leg", "final_status, outcome, bye_by, early_dialogs") == (200, "answered", "callee", 1)
    assert lab.rows("transaction", "cseq, method, final_status, ack_id is not null", "started_ts") == [
        (1, "INVITE", 407, True),
        (2, "INVITE", 200, False),
        (2, "ACK", None, False),
        (1, "BYE", 200, False),
    ]


def test_an_unanswered_challenge_is_a_rejection(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        10    bob -> alice   401
        20    alice -> bob   ACK
    """)
    lab.derive()
    assert lab.row("leg", "final_status, outcome, ended_ts is not null") == (401, "rejected", True)


def test_cancel_ends_the_leg(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        40    bob -> alice   180 to=a
        50    bob -> alice   180 to=c
        3000  alice -> bob   CANCEL
        3010  bob -> alice   200 CANCEL
        3020  bob -> alice   487 to=a
        3030  alice -> bob   ACK to=a
    """)
    lab.derive()
    assert lab.row("leg", "outcome, final_status, cancel_id is not null, early_dialogs") == ("cancelled", 487, True, 2)
    assert lab.rows("transaction", "method, final_status") == [("CANCEL", 200), ("INVITE", 487)]


def test_a_cancel_for_a_call_answered_elsewhere_refuses_no_early_dialog(lab: Any) -> None:
    """The lab's gateway that rings two telephones: it takes back from here what one of them answered (RFC 3326)."""
    lab.leg("""
        0    gateway -> mediation   INVITE       sdp=10.2.0.21:20000
        60   mediation -> gateway   183 to=a     sdp=10.3.0.51:50000
        160  mediation -> gateway   183 to=b     sdp=10.3.0.52:50100
        170  gateway -> mediation   CANCEL       "Reason: SIP;cause=200;text=\'Call completed elsewhere\'"
        180  mediation -> gateway   487 to=a
    """)
    lab.derive()
    assert lab.row("leg", "outcome, answered_elsewhere") == ("cancelled", True)
    assert lab.row("forked_leg", "early_dialogs, refusal_id") == (2, None)


def test_a_refused_re_invite_changes_no_outcome(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        900   bob -> alice   200
        950   alice -> bob   ACK
        5000  bob -> alice   INVITE
        5010  alice -> bob   488 INVITE
        5020  bob -> alice   ACK
    """)
    lab.derive()
    assert lab.row("leg", "outcome, final_status, ended_ts, early_dialogs") == ("answered", 200, None, 0)


def test_a_leg_whose_invite_was_before_the_capture(lab: Any) -> None:
    lab.leg("""
        0     bob -> alice   BYE
        10    alice -> bob   200 BYE
    """)
    lab.derive()
    assert lab.row("leg", "invite_id, outcome, bye_id is not null") == (None, "answered", True)
    assert lab.row("call", "legs, answered_ts") == (1, None)


def test_a_capture_that_begins_with_the_response_knows_the_caller(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE
        100   bob -> alice   183
        900   bob -> alice   200
        950   alice -> bob   ACK
        5000  bob -> alice   BYE
    """)
    del lab.sightings[1][0]
    lab.derive()
    assert lab.row("leg", "invite_id, from_tag, src_ip, outcome, bye_by") == (None, "a-tag", "192.0.2.1", "answered", "callee")
    assert lab.row("transaction where method = 'INVITE'", "request_id, sends, src_ip, final_status") == (None, 0, "192.0.2.1", 200)


def test_a_call_id_with_another_from_tag_is_another_leg(lab: Any) -> None:
    ladder = """
        0    alice -> bob   INVITE
        10   bob -> alice   200
    """
    lab.leg(ladder, tag="first")
    lab.leg(ladder, tag="second", at=60_000)
    lab.derive()
    assert lab.rows("leg", "from_tag, call_id") == [("first", "one"), ("second", "one")]
    assert lab.row("call", "count(*)") == (2,)


def test_an_invite_without_any_response_is_unanswered_once_its_time_is_over(lab: Any) -> None:
    lab.leg("0 alice -> bob INVITE")
    lab.leg("30000 alice -> bob INVITE", call_id="late")
    lab.derive(until_ms=40_000)
    assert lab.rows("leg", "call_id, outcome") == [("late", "open"), ("one", "unanswered")]


def test_all_hops_are_one_leg_with_the_roles_of_its_ends(lab: Any) -> None:
    lab.leg("""
        0    client -> front_end      INVITE
        2    front_end -> mediation   INVITE hop=2
        10   mediation -> front_end   183 hop=2 to=a
        12   front_end -> client      183 to=a
        900  mediation -> front_end   200 hop=2 to=a
        902  front_end -> client      200 to=a
    """)
    lab.derive()
    assert lab.row("leg", "caller_ip, callee_ip, caller_role, callee_role, side, invited_by, early_dialogs, len(hops)") == (
        "10.3.0.51", "10.1.0.10", "client", "mediation", "client", "client", 1, 2,
    )  # fmt: skip
    assert lab.rows("host", "ip, role, role_source") == [
        ("10.1.0.10", "mediation", "user-agent"),
        ("10.1.0.5", "front_end", "position"),
        ("10.3.0.51", "client", "user-agent"),
    ]
    assert lab.row("dialog", "provisionals, ended_by") == (1, "open")


def test_other_traffic_makes_no_call(lab: Any) -> None:
    lab.leg("""
        0    alice -> bob   OPTIONS
        10   bob -> alice   200 OPTIONS
    """)
    lab.derive()
    assert lab.row("call", "count(*)") == (0,)
    assert lab.row("transaction", "method, final_status, leg_id") == ("OPTIONS", 200, None)
