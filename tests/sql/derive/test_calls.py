"""Calls: legs joined over a B2BUA, by which test, and the numbers that calls keep."""

from __future__ import annotations

from typing import Any

LINK = "test, round(score, 2), chosen"


def b2bua_call(lab: Any, *, at: float = 0, name: str = "", first: str = "", second: str = "", **options: Any) -> None:
    """Alice calls Bob through a B2BUA. `first`, `second`: options of the INVITEs."""
    numbers = options.get("numbers", ("+4930111222 +4930333444", "0301112220 +4930333444"))
    lab.leg(f"""
        0     alice -> b2bua   INVITE   {first}
        900   b2bua -> alice   200
        9000  alice -> b2bua   BYE
    """, call_id=f"in{name}", at=at, numbers=numbers[0])  # fmt: skip
    lab.leg(f"""
        30    b2bua -> bob   INVITE   {second}
        880   bob -> b2bua   200
        9010  b2bua -> bob   BYE
    """, call_id=f"out{name}", at=at, numbers=numbers[1])  # fmt: skip


def test_linked_by_session_id_even_where_the_uuids_are_swapped(lab: Any) -> None:
    near, far = "a" * 32, "b" * 32
    b2bua_call(lab, first=f'"Session-ID: {near};remote={far}"', second=f'"Session-ID: {far};remote={near}"')
    lab.derive()
    assert lab.rows("leg_link", LINK) == [("session_header", 1.0, True)]
    assert lab.row("call", "legs, direction, client_leg_id, peer_leg_id, other_leg_id = (select min(leg_id) from leg)") == (
        2, "unknown", None, None, True,
    )  # fmt: skip


def test_linked_by_conversation_id(lab: Any) -> None:
    header = '"Ms-Conversation-ID: AdKCt6xl6HOex5lg"'
    b2bua_call(lab, first=header, second=header)
    lab.derive()
    assert lab.rows("leg_link", LINK) == [("session_header", 1.0, True)]


def test_linked_by_a_media_address_in_both_legs(lab: Any) -> None:
    b2bua_call(lab, first="sdp=192.0.2.1:4000", second="sdp=192.0.2.1:4000")
    lab.derive()
    assert lab.rows("leg_link", LINK) == [("media_address", 0.9, True)]


def test_linked_by_numbers_and_time(lab: Any) -> None:
    b2bua_call(lab, numbers=("+4930111222 +4930333444", "030111222 0049(30)333444"))
    lab.derive()
    assert lab.rows("leg_link", LINK + ", detail") == [("numbers_and_time", 0.8, True, "…111222 to …333444, 30 ms apart")]


def test_a_name_at_one_end_leaves_the_number_at_the_other(lab: Any) -> None:
    b2bua_call(lab, numbers=("anna +4930333444", "+4930111222 +4930333444"))
    lab.derive()
    assert lab.rows("leg_link", LINK) == [("numbers_and_time", 0.7, True)]


def test_other_numbers_are_another_call(lab: Any) -> None:
    b2bua_call(lab, numbers=("+4930111222 +4930333444", "+4930111222 +4930333445"))
    lab.derive()
    assert lab.rows("leg_link", LINK) == []
    assert lab.row("call", "count(*)") == (2,)


def test_the_same_numbers_without_a_common_host_are_not_linked(lab: Any) -> None:
    lab.leg("0  alice -> b2bua INVITE sdp=192.0.2.1:4000", call_id="one")
    lab.leg("30 gateway -> bob INVITE sdp=192.0.2.1:4000", call_id="two")
    lab.derive()
    assert lab.rows("leg_link", LINK) == []


def test_the_second_leg_must_begin_while_the_first_is_there(lab: Any) -> None:
    lab.leg("""
        0    alice -> b2bua   INVITE
        50   b2bua -> alice   486
    """, call_id="one")  # fmt: skip
    lab.leg("2000 b2bua -> bob INVITE", call_id="two")
    lab.derive()
    assert lab.rows("leg_link", LINK) == []


def test_the_same_call_id_is_no_link(lab: Any) -> None:
    lab.leg("0  alice -> b2bua INVITE", tag="first")
    lab.leg("30 b2bua -> bob INVITE", tag="second")
    lab.derive()
    assert lab.rows("leg_link", LINK) == []


def test_among_equal_numbers_the_nearest_legs_are_chosen(lab: Any) -> None:
    for number in range(6):
        b2bua_call(lab, at=200 * number, name=str(number), numbers=("+4930111222 +4930333444",) * 2)
    lab.derive()
    assert lab.rows("call join leg on other_leg_id = leg_id", "call_no, leg.call_id, legs") == [
        (number + 1, f"in{number}", 2) for number in range(6)
    ]
    assert lab.rows(
        "leg_link join leg as a on leg_a = a.leg_id join leg as b on leg_b = b.leg_id where chosen", "a.call_id, b.call_id"
    ) == [(f"in{number}", f"out{number}") for number in range(6)]


def test_two_b2buas_in_a_row_are_one_call(lab: Any) -> None:
    lab.leg("0  alice -> b2bua INVITE", call_id="one")
    lab.leg("30 b2bua -> gateway INVITE", call_id="two")
    lab.leg("60 gateway -> bob INVITE", call_id="three")
    lab.derive()
    assert lab.row("call", "legs, call_no") == (3, 1)
    assert lab.rows("call_leg join leg using (leg_id)", "call_leg.call_no, leg.call_id, is_first", "started_ts") == [
        (1, "one", True),
        (1, "two", False),
        (1, "three", False),
    ]


def outbound(lab: Any, **options: Any) -> None:
    """A client calls out through the Mediation Server, mediated."""
    at, name = options.get("at", 0), options.get("name", "")
    lab.leg("""
        0     client -> mediation    INVITE   sdp=10.3.0.51:50000
        900   mediation -> client    200      sdp=10.1.0.10:31000
        950   client -> mediation    ACK
        9000  client -> mediation    BYE
    """, call_id=f"client{name}", at=at, numbers="anna +4930333444")  # fmt: skip
    lab.leg("""
        40    mediation -> gateway   INVITE   sdp=10.1.0.10:30000
        100   gateway -> mediation   183      sdp=10.2.0.21:20000
        880   gateway -> mediation   200      sdp=10.2.0.21:20000
        890   mediation -> gateway   ACK
        9010  mediation -> gateway   BYE
    """, call_id=f"trunk{name}", at=at, numbers="+4930111222 +4930333444")  # fmt: skip


def test_an_outbound_call_over_the_mediation_server(lab: Any) -> None:
    outbound(lab)
    lab.derive()
    assert lab.row("call", "direction, caller, called, legs, early_dialogs, duration_s, outcome") == (
        "outbound", "anna", "+4930333444", 2, 1, 8.11, "answered",
    )  # fmt: skip
    assert lab.row("call", "client_ip, client_media_ip, mediation_ip, peer_ip, peer_media_ip") == (
        "10.3.0.51", "10.3.0.51", "10.1.0.10", "10.2.0.20", "10.2.0.21",
    )  # fmt: skip


def test_the_bye_of_one_leg_ends_the_call(lab: Any) -> None:
    b2bua_call(lab, numbers=("+4930111222 +4930333444",) * 2)
    lab.sightings[1] = [seen for seen in lab.sightings[1] if not (seen.ms == 9010 and b"BYE" in seen.text)]
    lab.derive()
    assert lab.row("call", "legs, duration_s") == (2, 8.1)


def test_configuration_tells_roles_that_nothing_else_shows(lab: Any) -> None:
    lab.record("mediation_server", address="192.0.2.10")
    lab.record("gateway", Identity="gw1", addresses=["192.0.2.20"], RepresentativeMediaIP="192.0.2.21")
    lab.leg("""
        0     b2bua -> bob   INVITE   sdp=192.0.2.10:30000
        900   bob -> b2bua   200      sdp=192.0.2.21:20000
    """)
    lab.derive()
    assert lab.rows("host", "ip, role, role_source") == [
        ("192.0.2.10", "mediation", "configuration"),
        ("192.0.2.20", "peer", "configuration"),
        ("192.0.2.21", "peer", "configuration"),
    ]
    assert lab.row("call", "direction, peer_ip") == ("outbound", "192.0.2.20")


def test_a_b2bua_is_no_mediation_server(lab: Any) -> None:
    b2bua_call(lab)
    lab.derive()
    assert lab.rows("host", "distinct role, role_source") == [("unknown", "none")]


def test_calls_keep_their_numbers_when_more_is_ingested(lab: Any) -> None:
    outbound(lab, at=60_000, name="-b")
    lab.derive()
    assert lab.rows("call", "call_no") == [(1,)]
    lab.source(2)
    outbound(lab, at=0, name="-a")
    lab.derive()
    assert lab.rows("call", "call_no, epoch_ms(started_ts - timestamp '2026-03-02 10:00:00')") == [(1, 60_000), (2, 0)]


def test_a_second_leg_found_later_takes_the_number_of_the_first(lab: Any) -> None:
    lab.leg("0 alice -> b2bua INVITE", call_id="one")
    lab.derive()
    lab.source(2)
    lab.leg("30 b2bua -> bob INVITE", call_id="two")
    lab.derive()
    assert lab.rows("call", "call_no, legs") == [(1, 2)]
    assert lab.rows("call_number", "call_no") == [(1,), (1,)]


def test_the_snapshot_in_force_when_the_call_began(lab: Any) -> None:
    con = lab.store.con
    con.execute("insert into config_snapshot values (1, now()::timestamp, null, 'old'), (2, now()::timestamp, null, 'newer')")
    con.execute("insert into config_snapshot values (3, now()::timestamp, timestamp '2026-03-02 10:05:00', 'newest')")
    outbound(lab, name="-a")
    outbound(lab, at=600_000, name="-b")
    lab.derive()
    assert lab.rows("config_in_force", "call_no, snapshot_id") == [(1, 2), (2, 3)]


def test_a_servers_log_names_its_neighbour_only_and_is_joined_with_the_trunk_all_the_same(lab: Any) -> None:
    """The lab's view of trunk and log: in a SipStack record the server's own address is not written."""
    lab.source(1, kind="log")
    lab.leg("""
        0     client -> nobody   INVITE   sdp=10.3.0.51:50000
        900   nobody -> client   486      "Server: RTCC/5.0.0.0 MediationServer"
        950   client -> nobody   ACK
    """, call_id="client", numbers="anna +4930333444")  # fmt: skip
    lab.source(2)
    lab.leg("""
        30    mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        200   gateway -> mediation   180
        880   gateway -> mediation   486
        890   mediation -> gateway   ACK
    """, call_id="trunk", numbers="+4930111222 +4930333444")  # fmt: skip
    lab.derive()
    assert lab.rows("leg", "side, mediation_ip", "call_id") == [("client", None), ("peer", "10.1.0.10")]
    assert lab.row("call", "client_leg_id is not null and peer_leg_id is not null") == (True,)
