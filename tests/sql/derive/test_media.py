"""Media paths: the way by SDP, the way that was seen, and whether the capture could have shown what is missing."""

from __future__ import annotations

from typing import Any

PATH = "signalled, observed, visible, client_to_peer_packets, peer_to_client_packets, via_mediation_packets"


def trunk_leg(lab: Any, offered: str, *, at: float = 0, name: str = "", port: int = 20000, seconds: float = 9) -> None:
    """The Mediation Server calls the gateway and offers `offered`; only the leg to the gateway is seen."""
    lab.leg(f"""
        0     mediation -> gateway   INVITE   sdp={offered}
        880   gateway -> mediation   200      sdp=10.2.0.21:{port}
        890   mediation -> gateway   ACK
        {int(seconds * 1000)}  gateway -> mediation   BYE
    """, call_id=f"trunk{name}", at=at)  # fmt: skip


def client_leg(lab: Any, answered: str) -> None:
    """The client calls the Mediation Server, which answers with `answered`; only the client's leg is seen."""
    lab.leg(f"""
        0     client -> mediation    INVITE   sdp=10.3.0.51:50000
        900   mediation -> client    200      sdp={answered}
        950   client -> mediation    ACK
        9000  client -> mediation    BYE
    """, call_id="client", numbers="anna +4930333444")  # fmt: skip


def test_direct_by_the_gateways_leg(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.derive()
    assert lab.row("media_path", "signalled, signalled_reason") == ("direct", "the gateway was told to send to 10.3.0.51 (client)")
    assert lab.row("call", "client_media_ip, peer_media_ip") == ("10.3.0.51", "10.2.0.21")


def test_direct_by_the_clients_leg(lab: Any) -> None:
    client_leg(lab, "10.2.0.21:20000")
    lab.derive()
    assert lab.row("media_path", "signalled, signalled_reason") == ("direct", "the client was told to send to 10.2.0.21 (peer)")


def test_mediated_by_either_leg(lab: Any) -> None:
    client_leg(lab, "10.1.0.10:31000")
    trunk_leg(lab, "10.1.0.10:30000", at=100_000)
    lab.derive()
    assert lab.rows("media_path", "signalled") == [("mediated",), ("mediated",)]


def test_behind_a_front_end_an_unknown_address_is_not_taken_for_the_gateways(lab: Any) -> None:
    lab.leg("""
        0    client -> front_end   INVITE   sdp=10.3.0.51:50000
        900  front_end -> client   200      sdp=10.1.0.10:31000 "Server: RTCC/5.0.0.0 MediationServer" "Record-Route: <sip:fe;lr>"
    """)
    lab.derive()
    assert lab.row("host where ip = '10.1.0.10'", "role") == ("unknown",)
    assert lab.row("media_path", "signalled") == ("unknown",)


def test_a_re_invite_moves_media_back(lab: Any) -> None:
    lab.leg("""
        0     mediation -> gateway   INVITE        sdp=10.3.0.51:50000
        880   gateway -> mediation   200           sdp=10.2.0.21:20000
        890   mediation -> gateway   ACK
        3000  mediation -> gateway   INVITE to=b   sdp=10.1.0.10:30000
        3010  gateway -> mediation   200           sdp=10.2.0.21:20000
        3020  mediation -> gateway   ACK
    """)
    lab.derive()
    assert lab.row("media_path", "signalled") == ("mediated",)


def test_an_endpoint_whose_address_was_refused_is_known_on_the_trunk_alone(lab: Any) -> None:
    """The lab's picky peer, tapped at the trunk: the 488 tells whose call it is, though media then goes through the server."""
    lab.leg("""
        0     mediation -> gateway   INVITE   sdp=10.3.0.51:50000
        10    gateway -> mediation   488
        20    mediation -> gateway   ACK
        30    mediation -> gateway   INVITE   sdp=10.1.0.10:30000
        880   gateway -> mediation   200      sdp=10.2.0.21:20000
        890   mediation -> gateway   ACK
        9000  gateway -> mediation   BYE
    """)
    lab.derive()
    assert lab.row("media_path", "signalled") == ("mediated",)
    assert lab.row("call", "client_media_ip, peer_media_ip") == ("10.3.0.51", "10.2.0.21")


def test_direct_media_seen_both_ways(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.flow(900, "client:50000", "gateway_media:20000", 210)
    lab.flow(890, "gateway_media:20000", "client:50000", 200)
    lab.derive()
    assert lab.row("media_path", PATH) == ("direct", "direct", True, 210, 200, 0)
    assert lab.rows("call_flow", "from_role, to_role, matched_by") == [("client", "peer", "sdp_pair"), ("peer", "client", "sdp_pair")]


def test_media_over_the_mediation_server(lab: Any) -> None:
    trunk_leg(lab, "10.1.0.10:30000")
    lab.flow(900, "mediation:30000", "gateway_media:20000", 210)
    lab.flow(890, "gateway_media:20000", "mediation:30000", 200)
    lab.derive()
    assert lab.row("media_path", PATH) == ("mediated", "mediated", True, 0, 0, 410)


def test_no_media_anywhere_is_unseen_not_none(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.derive()
    assert lab.row("media_path", PATH) == ("direct", "unseen", None, 0, 0, 0)


def test_a_log_never_shows_media(lab: Any) -> None:
    lab.source(1, kind="log")
    trunk_leg(lab, "10.3.0.51:50000")
    lab.derive()
    assert lab.row("media_path", "observed, visible") == ("unseen", False)


def test_one_way_where_the_capture_shows_no_other_media_of_the_gateway(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.flow(900, "client:50000", "gateway_media:20000", 210)
    lab.derive()
    assert lab.row("media_path", PATH) == ("direct", "one_way", None, 210, 0, 0)
    assert lab.row("media_path", "client_to_peer_visible, peer_to_client_visible") == (True, None)


def test_one_way_where_other_calls_show_that_the_gateways_media_is_captured(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.flow(900, "client:50000", "gateway_media:20000", 210)
    trunk_leg(lab, "10.3.0.52:50100", at=20_000, name="2", port=20010)
    lab.flow(20_900, "client2:50100", "gateway_media:20010")
    lab.flow(20_900, "gateway_media:20010", "client2:50100")
    lab.derive()
    assert lab.rows("media_path", PATH, "call_no") == [
        ("direct", "one_way", True, 210, 0, 0),
        ("direct", "direct", True, 200, 200, 0),
    ]


def test_mediated_streams_of_other_calls_do_not_show_direct_ones(lab: Any) -> None:
    """A tap at the Mediation Server sees its own media and no direct media: nothing may be concluded."""
    trunk_leg(lab, "10.3.0.51:50000")
    trunk_leg(lab, "10.1.0.10:30000", at=20_000, name="2", port=20010)
    lab.flow(20_900, "mediation:30000", "gateway_media:20010")
    lab.flow(20_900, "gateway_media:20010", "mediation:30000")
    lab.derive()
    assert lab.rows("media_path", "signalled, observed, visible") == [("direct", "unseen", None), ("mediated", "mediated", True)]


def test_none_where_such_media_of_other_calls_was_seen(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    trunk_leg(lab, "10.3.0.52:50100", at=20_000, name="2", port=20010)
    lab.flow(20_900, "client2:50100", "gateway_media:20010")
    lab.flow(20_900, "gateway_media:20010", "client2:50100")
    lab.derive()
    assert lab.row("media_path where call_no = 1", PATH) == ("direct", "none", True, 0, 0, 0)


def test_a_call_of_one_second_proves_nothing(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000", seconds=1.5)
    trunk_leg(lab, "10.3.0.52:50100", at=20_000, name="2", port=20010)
    lab.flow(20_900, "client2:50100", "gateway_media:20010")
    lab.flow(20_900, "gateway_media:20010", "client2:50100")
    lab.derive()
    assert lab.row("media_path where call_no = 1", "observed, visible") == ("unseen", None)


def test_rtcp_of_the_gateway_shows_that_its_media_would_be_seen(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.flow(900, "client:50000", "gateway_media:20000", 210)
    lab.rtcp(5000, "gateway_media:20001", "client:50001")
    lab.derive()
    assert lab.row("media_path", "observed, visible") == ("one_way", True)


def test_a_port_used_again_belongs_to_the_later_call(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    trunk_leg(lab, "10.3.0.51:50000", at=60_000, name="2")
    lab.flow(900, "client:50000", "gateway_media:20000")
    lab.flow(60_900, "client:50000", "gateway_media:20000", 300)
    lab.flow(400_000, "client:50000", "gateway_media:20000", 300)
    lab.derive()
    assert lab.rows("call_flow join media_flow using (flow_id)", "call_no, packets") == [(1, 200), (2, 300)]


def test_two_taps_that_see_one_stream_count_it_once(lab: Any) -> None:
    trunk_leg(lab, "10.3.0.51:50000")
    lab.flow(900, "client:50000", "gateway_media:20000", 210)
    lab.same_messages_in(2, shift_ms=40)
    lab.source(2)
    lab.media[2, "media_flow"] = [dict(row) for row in lab.media[1, "media_flow"]]
    lab.derive()
    assert lab.row("media_path", "client_to_peer_packets") == (210,)
    assert lab.row("call_flow", "count(*)") == (2,)


def test_a_capture_of_two_interfaces_counts_each_packet_once(lab: Any) -> None:
    """The lab's router, captured on both sides: every packet twice in one file, and one stream with as many duplicates."""
    trunk_leg(lab, "10.3.0.51:50000")
    lab.flow(900, "client:50000", "gateway_media:20000", 420)
    lab.media[1, "media_flow"][0]["duplicated"] = 210
    lab.derive()
    assert lab.row("media_path", "client_to_peer_packets") == (210,)


def test_media_to_an_endpoint_that_did_not_answer_is_no_media_of_the_call(lab: Any) -> None:
    """The lab's stubborn peer: it goes on sending to the first early dialog after the second was answered."""
    lab.leg("""
        0     gateway -> mediation   INVITE    sdp=10.2.0.21:20000
        60    mediation -> gateway   183 to=a  sdp=10.3.0.51:50000
        110   mediation -> gateway   183 to=b  sdp=10.3.0.52:50100
        900   mediation -> gateway   200 to=b  sdp=10.3.0.52:50100
        910   gateway -> mediation   ACK to=b
        9000  gateway -> mediation   BYE to=b
    """)
    lab.flow(920, "client2:50100", "gateway_media:20000", 210)
    lab.flow(70, "gateway_media:20000", "client:50000", 400)
    lab.derive()
    assert lab.row("media_path", "observed, client_to_peer_packets, peer_to_client_packets") == ("one_way", 210, 0)


def test_plain_sip_media_is_seen_but_its_hosts_have_no_roles(lab: Any) -> None:
    lab.leg("""
        0     alice -> bob   INVITE   sdp=192.0.2.1:4000
        900   bob -> alice   200      sdp=192.0.2.20:5000
        9000  alice -> bob   BYE
    """)
    lab.flow(950, "alice:4000", "bob:5000")
    lab.derive()
    assert lab.row("media_path", "signalled, signalled_reason, observed") == (
        "unknown", "no Mediation Server is known in this call", "unknown",
    )  # fmt: skip
