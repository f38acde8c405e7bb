"""What siplens must find of a call, by what the parties were told and by what the capture point can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kinds import CONFUSED, DROPPED, GATEWAYS, HALF, IMPATIENT, MERGING, MUTE, PICKY, REJECTED, SILENT, Gateway, Kind

VIEWS = {
    "both": ("both",),
    "both, and the log": ("both", "log"),
    "trunk": ("trunk",),
    "trunk, and the log": ("trunk", "log"),
    "client": ("client",),
    "server": ("server",),
    "span": ("span",),
    "behind": ("behind",),
}
"""What is read together: capture points, and the server's log of the client leg."""

TRUNK_RULES = ("EDL", "DMR001", "DMR003", "DMR006", "DMR008")
"""Rules about what a peer does on its own leg."""
MEDIA_RULES = ("DMR002", "DMR004", "DMR005", "EDL005", "EDL009")
"""Rules about media that never passes the Mediation Server."""


def _nothing(kind: Kind, rule: str) -> bool:
    return False


def _without_client_leg(kind: Kind, rule: str) -> bool:
    # Where the server never named the client to the peer, nothing on the trunk tells where the client sat, nor its bypass ID.
    return rule == "BYP004" or (rule.startswith("BYP") and not kind.direct)


def _without_trunk(kind: Kind, rule: str) -> bool:
    return rule.startswith(("BYP", *TRUNK_RULES))


def _without_direct_media(kind: Kind, rule: str) -> bool:
    return rule in MEDIA_RULES


def _behind_the_sbc(kind: Kind, rule: str) -> bool:
    return True


BLIND: dict[str, Callable[[Kind, str], bool]] = {
    "both": _nothing,
    "both, and the log": _nothing,
    "trunk": _without_client_leg,
    "trunk, and the log": _nothing,
    "client": _without_trunk,
    "server": _without_direct_media,
    "span": _without_direct_media,
    "behind": _behind_the_sbc,
}
"""What each view cannot show: there a rule may say unknown, and must not find fault."""


def is_seen(view: str, kind: Kind) -> bool:
    """Whether the view has this call at all."""
    return view != "behind" or kind.gateway is MERGING


def faults(view: str, kind: Kind) -> frozenset[str]:
    """Rules that must find fault with such a call in this view."""
    found = {rule for rule in kind.fails if not BLIND[view](kind, rule)}
    # The router stands between this point and the other side: what it drops never gets here, and so its media is missing.
    if kind.gateway in (DROPPED, REJECTED):
        found |= {"client": {"DMR002"}, "trunk": {"DMR005"}, "trunk, and the log": {"DMR005"}}.get(view, set())
    # A client that names another site's ID gives itself away.
    if view == "client" and kind.bypass_id_site:
        found.add("BYP004")
    return frozenset(found)


PEER_FAULTS = {"DMR009": {PICKY, HALF, MUTE, SILENT}, "EDL010": {IMPATIENT, CONFUSED}}
"""Rules about a peer over all its calls, and the gateways they must find fault with."""
FEW = 3
"""Up to this many calls of a gateway, such a rule may say that it has seen too few."""


def peer_statuses(view: str, gateway: Gateway, rule: str, kinds: Iterable[Kind]) -> tuple[str, ...]:
    """What such a rule may say of a gateway: "pass" stands for no finding."""
    if view in ("client", "behind"):
        return ("pass",)
    if gateway is SILENT and BLIND[view](next(kind for kind in kinds if kind.gateway is SILENT), "DMR002"):
        return ("pass", "unknown")
    is_rare = sum(kind.gateway is gateway for kind in kinds) <= FEW
    if gateway in PEER_FAULTS[rule]:
        return ("fail", "unknown") if is_rare else ("fail",)
    return ("pass", "unknown") if is_rare else ("pass",)


def compare_peers(view: str, kinds: list[Kind], found: dict[tuple[str, str], str]) -> list[str]:
    """Holds findings about peers against the truth; found: status by the gateway's name and the rule. A line for all that differs."""
    wrong = []
    for rule in PEER_FAULTS:
        for gateway in (*GATEWAYS, MERGING):
            status = found.get((gateway.name, rule), "pass")
            allowed = peer_statuses(view, gateway, rule, kinds)
            if status not in allowed:
                wrong.append(f"{view}: {rule} says {status} of {gateway.name}, not {' or '.join(allowed)}")
    return wrong


@dataclass
class Score:
    """Findings of one rule against the truth."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    unknown: int = 0
    """Unknown where the capture point is blind."""
    judged: int = 0

    @property
    def precision(self) -> float | None:
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else None


@dataclass
class Comparison:
    """All rules of one view against the truth; `wrong` has a line for everything that differs."""

    scores: dict[str, Score] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)


def compare(view: str, kinds: Iterable[Kind], found: dict[tuple[int, str], tuple[str, str]], rules: Iterable[str]) -> Comparison:
    """Holds findings against the truth.

    kinds: of every call that was made, in order. found: status and reason by the call's place in that order and the rule.
    """
    result = Comparison({rule: Score() for rule in rules})
    for place, kind in enumerate(kinds):
        if not is_seen(view, kind):
            continue
        must = faults(view, kind)
        for rule, score in result.scores.items():
            status, reason = found.get((place, rule), ("pass", ""))
            score.judged += 1
            if status == "fail":
                score.hits += rule in must
                score.false += rule not in must
            score.missed += rule in must and status != "fail"
            score.unknown += status == "unknown"
            may_be_unknown = rule in kind.undecided or BLIND[view](kind, rule)
            allowed = ("fail",) if rule in must else ("pass", "unknown") if may_be_unknown else ("pass",)
            if status not in allowed:
                result.wrong[f"{view}: {rule} says {status} of a call of kind {kind.name!r} ({kind.about}): {reason[:160]}"] += 1
    return result


def table(comparisons: dict[str, Comparison]) -> str:
    """Precision and recall by rule, over all views."""
    lines = [
        f"{'rule':8} {'faults':>7} {'found':>6} {'false':>6} {'missed':>7} {'unknown where blind':>20} {'precision':>10} {'recall':>7}"
    ]
    total = Score()
    rules = sorted({rule for comparison in comparisons.values() for rule in comparison.scores})
    for rule in rules:
        score = Score()
        for comparison in comparisons.values():
            one = comparison.scores[rule]
            for each in (score, total):
                each.hits, each.false, each.missed = each.hits + one.hits, each.false + one.false, each.missed + one.missed
                each.unknown += one.unknown
        lines.append(_line(rule, score))
    return "\n".join([*lines, _line("all", total)])


def _line(name: str, score: Score) -> str:
    figures = [f"{100 * value:.1f} %" if value is not None else "-" for value in (score.precision, score.recall)]
    found = score.hits + score.missed, score.hits, score.false, score.missed, score.unknown
    return f"{name:8} {found[0]:>7} {found[1]:>6} {found[2]:>6} {found[3]:>7} {found[4]:>20} {figures[0]:>10} {figures[1]:>7}"
