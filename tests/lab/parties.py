"""What each party of the lab is told to do: callers and callees as SIPp scenarios, by name.

Timings: an endpoint rings RING_MS after its place in the fork, an answer comes ANSWER_MS after that, and calls are talked for
TALK_MS. They are wide apart, so that a busy machine changes no verdict: a temper acts within milliseconds of a further
early dialog (EDL002 counts 500 ms), a caller hangs up seconds after the last.
"""

from __future__ import annotations

from collections.abc import Callable

from scenario import CLIENT, NO_AUDIO, PEER, Scenario, sdp

TALK_MS = 3600
RING_MS = 60
FORK_MS = 100
"""The time between an endpoint's ringing and the next one's."""
ANSWER_MS = 1300
PATIENCE_MS = 2500
"""How long a caller lets it ring before he hangs up."""


# callers


def caller_talks(scenario: Scenario, forks: int = 0, *, reliable: bool = False, plays: bool = True) -> None:
    """Calls, waits for `forks` early dialogs (0: takes what comes), talks, hangs up."""
    cseq = 1
    scenario.invite(reliable=reliable)
    if forks:
        scenario.got(maybe=(100,))
        for n in range(forks):
            scenario.got(183, maybe=(100,) if n == 0 else ())
            if reliable:
                cseq += 1
                scenario.request("PRACK", cseq, "RAck: 1 1 INVITE").got(200)
        scenario.got(200)
    else:
        scenario.got(200, maybe=(100, 180, 183))
    scenario.request("ACK", 1)
    if plays:
        scenario.play()
    scenario.pause(TALK_MS).request("BYE", cseq + 1).got(200)


def caller_gets_failure(scenario: Scenario, status: int, forks: int = 0) -> None:
    """Calls and is turned down."""
    scenario.invite().got(maybe=(100,)).got(*[183] * forks).got(status, maybe=(100, 180, 183) if not forks else ())
    scenario.request("ACK", 1, branch="first")


def caller_hangs_up(scenario: Scenario, forks: int, after_ms: int, *reason: str) -> None:
    """Calls, waits for `forks` early dialogs and `after_ms` more, and cancels."""
    scenario.invite().got(*[183] * forks, maybe=(100,))
    if after_ms:
        scenario.pause(after_ms)
    scenario.request("CANCEL", 1, *reason, in_dialog=False, branch="first")
    scenario.got(200, maybe=(183,)).got(487).request("ACK", 1, branch="first")


def caller_holds(scenario: Scenario, *, glare: bool) -> None:
    """Talks, puts the call on hold, takes it back; with `glare`, the other side was about to change the call too (491)."""
    scenario.invite().got(200, maybe=(100, 180, 183)).request("ACK", 1).play().pause(TALK_MS)
    cseq = 2
    if glare:
        scenario.request("INVITE", cseq, body=sdp("sendonly"), branch="glare").got(491, maybe=(100,))
        scenario.request("ACK", cseq, branch="glare").pause(400)
        cseq += 1
    scenario.request("INVITE", cseq, body=sdp("sendonly")).got(200, maybe=(100,)).request("ACK", cseq).pause(500)
    cseq += 1
    scenario.request("INVITE", cseq, body=sdp()).got(200, maybe=(100,)).request("ACK", cseq).play().pause(1500)
    scenario.request("BYE", cseq + 1).got(200)


def caller_gets_update(scenario: Scenario, status: str) -> None:
    """Two early dialogs, and in the second an UPDATE; the first is answered."""
    scenario.invite().got(183, 183, maybe=(100,)).expect("UPDATE")
    scenario.reply(status, body=sdp() if status.startswith("200") else "")
    scenario.got(200).request("ACK", 1).play().pause(TALK_MS).request("BYE", 2).got(200)


def caller_is_pulled_back(scenario: Scenario) -> None:
    """Talks; the server moves the media to itself by re-INVITE."""
    scenario.invite().got_answer(maybe=(100, 180, 183)).request("ACK", 1).play()
    scenario.expect("INVITE").reply(body=sdp(), again=True).expect("ACK").play().pause(TALK_MS).request("BYE", 2).got(200)


def caller_acknowledges_first(scenario: Scenario) -> None:
    """PRACK for the first of two reliable early dialogs, never for the second."""
    scenario.invite(reliable=True).got(183, maybe=(100,)).request("PRACK", 2, "RAck: 1 1 INVITE").got(200, 183)
    scenario.got(200, maybe=(183,)).request("ACK", 1).play().pause(TALK_MS).request("BYE", 3).got(200)


def caller_ends_forked(scenario: Scenario, *, acknowledges: bool) -> None:
    """Two early dialogs; hangs up right after the answer, or talks without ever sending the ACK."""
    scenario.invite().got(183, 183, 200, maybe=(100,))
    if acknowledges:
        scenario.request("ACK", 1).pause(100)
    else:
        scenario.play().pause(TALK_MS)
    scenario.request("BYE", 2).got(200)


# callees


def callee_answers(scenario: Scenario, *, ring_ms: int = RING_MS, early: bool = True, sound: bool = True) -> None:
    """Rings, with early media if `early`, answers, talks until the other hangs up."""
    scenario.invited().answer("100 Trying").pause(ring_ms)
    if early:
        scenario.answer("183 Session Progress", body=sdp())
    else:
        scenario.answer("180 Ringing")
    scenario.pause(ANSWER_MS).answer("200 OK", body=sdp()).expect("ACK")
    if sound:
        scenario.play()
    scenario.expect("BYE").reply()


def callee_rings(scenario: Scenario, *, ring_ms: int = RING_MS) -> None:
    """Rings until it is cancelled, which may be before it rings."""
    scenario.invited().answer("100 Trying").pause_unless("CANCEL", ring_ms, label=1).answer("183 Session Progress", body=sdp())
    scenario.expect("CANCEL").label(1).reply().answer("487 Request Terminated").expect("ACK")


def callee_declines(scenario: Scenario, status: str, *, ring_ms: int = RING_MS, early: bool = False) -> None:
    """Turns the call down, after ringing if `early`."""
    scenario.invited().answer("100 Trying").pause(ring_ms)
    if early:
        scenario.answer("183 Session Progress", body=sdp()).pause(ANSWER_MS)
    scenario.answer(status).expect("ACK")


def callee_refuses_endpoints(scenario: Scenario) -> None:
    """488 to the first offer, which has a client's address; takes the second, the Mediation Server's own."""
    warning = 'Warning: 370 gw.contoso.example "Media address is not in a permitted network"'
    scenario.invited().answer("488 Not Acceptable Here", warning, tag="r").expect("ACK")
    callee_answers(scenario)


def callee_refuses_stream(scenario: Scenario) -> None:
    """Takes the call, but not the stream: port 0. Takes the re-INVITE with the Mediation Server's own address."""
    scenario.invited().answer("100 Trying").pause(RING_MS).answer("180 Ringing").pause(ANSWER_MS)
    scenario.answer("200 OK", body=NO_AUDIO).expect("ACK", "INVITE").reply(body=sdp(), again=True).expect("ACK").play()
    scenario.expect("BYE").reply()


def callee_forks(scenario: Scenario, *, second_prack: str) -> None:
    """Two reliable early dialogs of its own; PRACK of the second gets `second_prack`. The first is answered."""
    scenario.invited().answer("100 Trying").pause(RING_MS)
    scenario.answer("183 Session Progress", "Require: 100rel", "RSeq: 1", body=sdp()).expect("PRACK").reply().pause(200)
    scenario.answer("183 Session Progress", "Require: 100rel", "RSeq: 1", tag="f", body=sdp()).expect("PRACK").reply(second_prack)
    scenario.pause(ANSWER_MS).answer("200 OK", body=sdp()).expect("ACK").play().expect("BYE").reply()


def callee_wants_no_media(scenario: Scenario) -> None:
    """Takes the call and the address, and answers inactive."""
    scenario.invited().answer("100 Trying").pause(RING_MS).answer("180 Ringing").pause(ANSWER_MS)
    scenario.answer("200 OK", body=sdp("inactive")).expect("ACK", "BYE").reply()


def callee_sends_when_pulled_back(scenario: Scenario) -> None:
    """Takes the client's address and sends it nothing; sends when a re-INVITE names another address."""
    scenario.invited().answer("100 Trying").pause(RING_MS).answer("180 Ringing").pause(ANSWER_MS)
    scenario.answer("200 OK", body=sdp()).expect("ACK", "INVITE").reply(body=sdp(), again=True).expect("ACK").play()
    scenario.expect("BYE").reply()


def callee_takes_changes(scenario: Scenario, *, glare: bool) -> None:
    """Answers; re-INVITEs (hold, take back) are taken, with `glare` after a 491 to the first."""
    scenario.invited().answer("100 Trying").pause(RING_MS).answer("180 Ringing").pause(ANSWER_MS)
    scenario.answer("200 OK", body=sdp()).expect("ACK").play()
    if glare:
        scenario.expect("INVITE").reply("491 Request Pending", again=True).expect("ACK")
    scenario.expect("INVITE").reply(body=sdp("recvonly"), again=True).expect("ACK")
    scenario.expect("INVITE").reply(body=sdp(), again=True).expect("ACK").play().expect("BYE").reply()


CALLERS: dict[str, Callable[[Scenario], None]] = {
    "talks": caller_talks,
    "fails": lambda scenario: caller_gets_failure(scenario, 486),
    "gives up": lambda scenario: caller_hangs_up(scenario, 1, PATIENCE_MS),
    "holds": lambda scenario: caller_holds(scenario, glare=False),
    "holds, glare": lambda scenario: caller_holds(scenario, glare=True),
    "talks after 2 forks": lambda scenario: caller_talks(scenario, 2),
    "talks after 3 forks": lambda scenario: caller_talks(scenario, 3),
    "talks after 5 forks": lambda scenario: caller_talks(scenario, 5),
    "talks after 5 reliable forks": lambda scenario: caller_talks(scenario, 5, reliable=True),
    "talks after 6 forks": lambda scenario: caller_talks(scenario, 6),
    "talks after 20 forks": lambda scenario: caller_talks(scenario, 20),
    "gives up after 3 forks": lambda scenario: caller_hangs_up(scenario, 3, PATIENCE_MS),
    "cancels at the second fork": lambda scenario: caller_hangs_up(scenario, 2, 0),
    "answered elsewhere": lambda scenario: caller_hangs_up(scenario, 2, 0, 'Reason: SIP;cause=200;text="Call completed elsewhere"'),
    "fails after 3 forks": lambda scenario: caller_gets_failure(scenario, 603, 3),
    "talks briefly": lambda scenario: caller_talks(scenario, plays=False),
    "talks, is pulled back": caller_is_pulled_back,
    "acknowledges the first": caller_acknowledges_first,
    "hangs up on the answer": lambda scenario: caller_ends_forked(scenario, acknowledges=True),
    "sends no ACK": lambda scenario: caller_ends_forked(scenario, acknowledges=False),
    "refuses UPDATE": lambda scenario: caller_gets_update(scenario, "481 Call/Transaction Does Not Exist"),
    "takes UPDATE": lambda scenario: caller_gets_update(scenario, "200 OK"),
}

CALLEES: dict[str, Callable[[Scenario], None]] = {
    "answers": callee_answers,
    "answers quietly": lambda scenario: callee_answers(scenario, early=False),
    "answers, sends no media": lambda scenario: callee_answers(scenario, early=False, sound=False),
    "busy": lambda scenario: callee_declines(scenario, "486 Busy Here"),
    "rings": callee_rings,
    "refuses endpoints' addresses": callee_refuses_endpoints,
    "refuses the stream": callee_refuses_stream,
    "forks, refuses PRACK": lambda scenario: callee_forks(scenario, second_prack="481 Call/Transaction Does Not Exist"),
    "forks, takes PRACK": lambda scenario: callee_forks(scenario, second_prack="200 OK"),
    "wants no media": callee_wants_no_media,
    "sends when pulled back": callee_sends_when_pulled_back,
    "takes changes": lambda scenario: callee_takes_changes(scenario, glare=False),
    "takes changes, glare": lambda scenario: callee_takes_changes(scenario, glare=True),
}


def endpoint(name: str, place: int, sound: str) -> Scenario:
    """The place-th endpoint of a fork, from 0: "answers", "rings" or "declines", each a little later than the one before."""
    scenario = Scenario(f"endpoint {place} {name}", CLIENT, sound)
    ring_ms = RING_MS + FORK_MS * place
    if name == "answers":
        callee_answers(scenario, ring_ms=ring_ms)
    elif name == "rings":
        callee_rings(scenario, ring_ms=ring_ms)
    else:
        callee_declines(scenario, "603 Decline", ring_ms=ring_ms, early=True)
    return scenario


def caller(name: str, side: str, sound: str) -> Scenario:
    """The scenario of a caller."""
    scenario = Scenario(name, side, sound)
    CALLERS[name](scenario)
    return scenario


def callee(name: str, sound: str) -> Scenario:
    """The scenario of a callee in the public network."""
    scenario = Scenario(name, PEER, sound)
    CALLEES[name](scenario)
    return scenario
