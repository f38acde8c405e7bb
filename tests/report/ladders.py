"""Ladders drawn by hand, for tests of how ladders are shown."""

from __future__ import annotations

from siplens.report.ladder import Arrow, Ladder, Lane, Lifeline

CLIENT, MEDIATION, PEER = 0, 1, 2


def forked_ladder() -> Ladder:
    """A gateway's call forks to two clients; the gateway cancels when the second early dialog appears."""
    arrows = (
        Arrow(0.0, "a.pcap frame 1", PEER, MEDIATION, "INVITE", "request", 1, sdp="10.2.0.21:4000"),
        Arrow(0.004, "a.pcap frame 2", MEDIATION, PEER, "100 Trying", "provisional", 1),
        Arrow(0.02, "a.pcap frame 3", MEDIATION, CLIENT, "INVITE", "request", 2, sdp="10.1.0.10:5000 SRTP"),
        Arrow(0.2, "a.pcap frame 5", CLIENT, MEDIATION, "183 Session Progress", "provisional", 2, early=1, sdp="10.3.0.51:7000 SRTP"),
        Arrow(0.21, "a.pcap frame 6", MEDIATION, PEER, "183 Session Progress", "provisional", 1, early=1, sdp="10.3.0.51:7000", times=3),
        Arrow(0.9, "a.pcap frame 9", MEDIATION, PEER, "183 Session Progress", "provisional", 1, early=2, rules=("EDL002",)),
        Arrow(0.95, "a.pcap frame 10", PEER, MEDIATION, "CANCEL", "request", 1, rules=("EDL002",)),
        Arrow(0.97, "a.pcap frame 12", MEDIATION, PEER, "487 Request Terminated", "failure", 1, early=1),
    )
    lifelines = (
        Lifeline("client", "client", "client", None, ("10.3.0.51",)),
        Lifeline("mediation", "mediation", "Mediation Server", None, ("10.1.0.10",)),
        Lifeline("peer gw1", "peer", "peer", "gw1", ("10.2.0.20", "10.2.0.21")),
    )
    lanes = (
        Lane(CLIENT, PEER, "PCMA", 500, 0.0, 0.4, "10.3.0.51:7000", "10.2.0.21:4000", 0.3, 10.3, "a.pcap frame 7"),
        Lane(PEER, CLIENT, "PCMA", 470, 6.0, 12.5, "10.2.0.21:4000", "10.3.0.51:7000", 0.3, 10.3, "a.pcap frame 8"),
    )
    return Ladder(lifelines, arrows, lanes, early_dialogs=2)
