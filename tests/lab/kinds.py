"""The kinds of calls in the lab: what every party is told to do, and what siplens must therefore find.

`fails` names the rules that must find fault where everything is seen. What a capture point cannot show is in `truth.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BERLIN, HAMBURG = "10.3.0.81", "10.4.0.61"


@dataclass(frozen=True)
class Gateway:
    """One peer: its number in the address plan, and its transport."""

    name: str
    number: int
    transport: str = "udp"
    max_early_dialogs: int = 20


STEADY = Gateway("steady", 1)
STUBBORN = Gateway("stubborn", 2)
IMPATIENT = Gateway("impatient", 3)
CONFUSED = Gateway("confused", 4, "tcp")
PICKY = Gateway("picky", 5, "tcp")
DROPPED = Gateway("dropped", 6)
REJECTED = Gateway("rejected", 7)
SILENT = Gateway("silent", 8)
LIMITED = Gateway("limited", 9, max_early_dialogs=5)
HALF = Gateway("half", 10)
HESITANT = Gateway("hesitant", 12)
FORGETFUL = Gateway("forgetful", 13)
ABRUPT = Gateway("abrupt", 14)
MUTE = Gateway("mute", 15, "tcp")
RINGS_TWO = Gateway("rings-two", 16)
"""It rings two telephones itself: what one of them answers, it takes back from here (CANCEL with a Reason)."""
MERGING = Gateway("merging", 11)
"""The SBC: not in the gateways' network, see `network`."""
GATEWAYS = (
    STEADY, STUBBORN, IMPATIENT, CONFUSED, PICKY, DROPPED, REJECTED, SILENT, LIMITED, HALF, HESITANT, FORGETFUL, ABRUPT, MUTE, RINGS_TWO,
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of call."""

    name: str
    about: str
    inviting: str
    """"client" or "peer"."""
    gateway: Gateway
    caller: str
    """What the caller is told: a name in `parties.CALLERS`, or "stubborn" for the program of that name."""
    callee: str = ""
    """What the called peer is told: a name in `parties.CALLEES` (outbound)."""
    endpoints: tuple[str, ...] = ()
    """What each endpoint is told, by place in the fork (inbound): "answers", "rings" or "declines"."""
    direct: bool = True
    """The Mediation Server is told to offer bypass."""
    client: str = BERLIN
    reliable: bool = False
    update: bool = False
    pull_back: bool = False
    """The Mediation Server is told to move media back to itself soon after the answer."""
    bypass_id_site: str = ""
    """Client address whose bypass ID the client was told at sign-in, where it is not its own."""
    fails: frozenset[str] = frozenset()
    """Rules that must find fault, where the capture point shows it all."""
    undecided: frozenset[str] = frozenset()
    """Rules to which such a call itself says nothing, however well it is seen: it is too short, or on hold."""
    weight: int = 1
    """How many of these there are to one of another kind."""
    port: int = field(default=5060)
    """Where the called peer listens: one port per behaviour."""


def _rings(answering: int, forks: int) -> tuple[str, ...]:
    return tuple("answers" if place == answering else "rings" for place in range(forks))


def _outbound(name: str, about: str, gateway: Gateway, callee: str, *fails: str, caller: str = "talks", **more: object) -> Kind:
    return Kind(name, about, "client", gateway, caller, callee, fails=frozenset(fails), **more)  # type: ignore[arg-type]


def _inbound(name: str, about: str, gateway: Gateway, caller: str, endpoints: tuple[str, ...], *fails: str, **more: object) -> Kind:
    return Kind(name, about, "peer", gateway, caller, endpoints=endpoints, fails=frozenset(fails), **more)  # type: ignore[arg-type]


KINDS = (
    _outbound("bypassed", "client and gateway send to each other", STEADY, "answers", weight=3),
    _outbound("mediated rightly", "a constrained site: media by the server", STEADY, "answers", direct=False, client=HAMBURG),
    _outbound("mediated wrongly", "bypass should have applied, and the server did not offer it", STEADY, "answers", "BYP001", direct=False),
    _outbound(
        "direct wrongly", "a constrained site, and the client holds the region's old bypass ID", STEADY, "answers", "BYP002", "BYP004",
        client=HAMBURG, bypass_id_site=BERLIN,
    ),
    _outbound(
        "endpoint refused", "488 to the client's address, then the server's own", PICKY, "refuses endpoints' addresses", "DMR001", "BYP001",
        weight=2,
    ),
    _outbound("stream refused", "port 0 for the client's address, then the server's own", HALF, "refuses the stream", "DMR001", "BYP001"),
    _outbound(
        "accepted, inactive", "the gateway takes the client's address, and wants no media", MUTE, "wants no media", "DMR003",
        caller="talks briefly", undecided=frozenset({"DMR002", "DMR004"}),
    ),
    _outbound(
        "pulled back", "no media comes, and the server moves it back to itself", HESITANT, "sends when pulled back", "DMR006", "BYP001",
        caller="talks, is pulled back", pull_back=True,
    ),
    _outbound("media dropped", "the router drops direct media, and tells nobody", DROPPED, "answers quietly", weight=2),
    _outbound("media rejected", "the router turns direct media away with ICMP", REJECTED, "answers quietly", "DMR004", weight=2),
    _outbound("one-way", "the gateway agrees to direct media and sends none", SILENT, "answers, sends no media", "DMR002", weight=2),
    _outbound("busy", "486", STEADY, "busy", caller="fails", port=5061),
    _outbound("caller gives up", "the client hangs up while it rings", STEADY, "rings", caller="gives up", port=5062),
    _outbound("hold", "re-INVITE to hold, and back", STEADY, "takes changes", caller="holds", port=5063),
    _outbound("glare", "491 to a re-INVITE, which is no refusal", STEADY, "takes changes, glare", caller="holds, glare", port=5064),
    _outbound("peer forks", "the gateway's own early dialogs, PRACK taken", STEADY, "forks, takes PRACK", port=5065),
    _outbound("PRACK refused", "481 to the PRACK of the second early dialog", CONFUSED, "forks, refuses PRACK", "EDL003", weight=2),
    _inbound("inbound", "one endpoint", STEADY, "talks", ("answers",), weight=2),
    _inbound("forked to 5", "five early dialogs, the third answers", STEADY, "talks after 5 forks", _rings(2, 5), weight=2),
    _inbound("forked, reliable", "five, each with PRACK", STEADY, "talks after 5 reliable forks", _rings(1, 5), reliable=True),
    _inbound("forked to 20", "as many early dialogs as the trunk allows", STEADY, "talks after 20 forks", _rings(19, 20)),
    _inbound("over the limit", "six early dialogs, and the trunk allows five", LIMITED, "talks after 6 forks", _rings(3, 6), "EDL001"),
    _inbound("cancelled", "cancels at the second early dialog", IMPATIENT, "cancels at the second fork", _rings(-1, 3), "EDL002", weight=3),
    _inbound("caller hangs up", "seconds after the third early dialog", STEADY, "gives up after 3 forks", _rings(-1, 3)),
    _inbound("answered elsewhere", "cancels at the second, for a reason", RINGS_TWO, "answered elsewhere", _rings(-1, 3)),
    _inbound("declined", "all three endpoints turn the call down", STEADY, "fails after 3 forks", ("declines",) * 3),
    _inbound("UPDATE refused", "481 in the second early dialog", CONFUSED, "refuses UPDATE", _rings(0, 2), "EDL003", update=True),
    _inbound("UPDATE taken", "200 in the second early dialog", STEADY, "takes UPDATE", _rings(0, 2), update=True),
    _inbound("later forks ignored", "media to the first until another answers", STUBBORN, "stubborn", _rings(1, 3), "EDL009", weight=2),
    _inbound("wrong endpoint", "media to the first ever after", STUBBORN, "stubborn, stays", _rings(1, 3),
             "DMR002", "EDL005", "EDL009"),
    _inbound("PRACK for the first only", "the second is sent again and again", FORGETFUL, "acknowledges the first", _rings(0, 2), "EDL004",
             reliable=True),
    _inbound("hung up on answer", "BYE right after the ACK", ABRUPT, "hangs up on the answer", _rings(1, 2), "EDL006",
             undecided=frozenset({"DMR002", "DMR004", "DMR005", "EDL005"})),
    _inbound("answer not acknowledged", "no ACK, so the 200 comes again", ABRUPT, "sends no ACK", _rings(1, 2), "EDL007"),
    _inbound("merged", "three early dialogs that an SBC shows as one", MERGING, "talks", _rings(1, 3), weight=2),
)  # fmt: skip
