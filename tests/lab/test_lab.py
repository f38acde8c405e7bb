"""Real calls between real programs: what siplens finds is what every party was told to do, and unknown only where it was blind.

60 calls in some views by default; SIPLENS_LAB_CALLS=320, as `make lab` sets it, for the full lab in all views, with a table at its end.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.verify import verify_capture
from siplens.rules import judge
from siplens.rules.load import load_rules
from siplens.store import Store, memory_store

sys.path.insert(0, str(Path(__file__).resolve().parent))

import run_lab
from kinds import Kind
from plan import deal
from truth import VIEWS, Comparison, compare, compare_peers, is_seen, table

CALLS = int(os.environ.get("SIPLENS_LAB_CALLS", "60"))
IS_FULL = CALLS >= 300
QUICK_VIEWS = ["both", "trunk, and the log", "client", "span", "behind"]
FINDINGS = """
select call.caller, call.called, finding.rule_id, finding.status, finding.reason
from finding inner join call using (call_no)
"""


@dataclass(frozen=True)
class Ran:
    """A lab that has run."""

    folder: Path
    numbers: dict[str, int]
    """Place of each call by its number in the public network."""
    kinds: list[Kind]
    complaints: list[str]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    if reason := run_lab.missing():
        pytest.skip(reason)
    kept = os.environ.get("SIPLENS_LAB_FOLDER")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("lab")
    folder.mkdir(parents=True, exist_ok=True)
    calls = deal(CALLS)
    complaints = run_lab.run(folder, calls)
    return Ran(folder, {call.number: n for n, call in enumerate(calls)}, [call.kind for call in calls], complaints)


@pytest.fixture(scope="module", params=list(VIEWS) if IS_FULL else QUICK_VIEWS)
def view(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def store(view: str, ran: Ran) -> Iterator[Store]:
    """What one view has, ingested and judged."""
    files = [str(ran.folder / ("mediation.log" if part == "log" else f"{part}.pcapng")) for part in VIEWS[view]]
    with memory_store() as store:
        for ingested in ingest_paths(store, files):
            assert ingested.error is None
        import_configuration(store, [ran.folder / "config.yaml"])
        judge(store)
        yield store


def findings(store: Store, ran: Ran) -> dict[tuple[int, str], tuple[str, str]]:
    """Worst finding by call's place and rule."""
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for caller, called, rule, status, reason in store.query(FINDINGS).rows:
        (place,) = {ran.numbers[number] for number in (caller, called) if number in ran.numbers}
        if found.get((place, rule), ("", ""))[0] != "fail":
            found[place, rule] = (status, reason)
    return found


@pytest.fixture(scope="module")
def comparisons() -> dict[str, Comparison]:
    return {}


def test_every_party_did_as_it_was_told(ran: Ran) -> None:
    assert ran.complaints == []


def test_every_call_is_one_call(view: str, store: Store, ran: Ran) -> None:
    seen = sum(is_seen(view, kind) for kind in ran.kinds)
    assert store.value("select count(*) from call") == seen
    if view in ("both", "both, and the log", "trunk, and the log", "server", "span"):
        assert store.value("select count(*) from call where client_leg_id is not null and peer_leg_id is not null") == seen


def test_findings_are_what_the_parties_were_told(view: str, store: Store, ran: Ran, comparisons: dict[str, Comparison]) -> None:
    rules = [rule.id for rule in load_rules() if rule.family in ("BYP", "EDL", "DMR")]
    comparisons[view] = compare(view, ran.kinds, findings(store, ran), rules)
    assert not comparisons[view].wrong, "\n".join(f"{n} x {line}" for line, n in comparisons[view].wrong.most_common())


def test_findings_about_peers_are_what_their_calls_were_told(view: str, store: Store, ran: Ran) -> None:
    rows = store.query("select peer, rule_id, status from finding where subject = 'peer'").rows
    found = {(peer.removesuffix(".contoso.example"), rule): status for peer, rule, status in rows}
    assert compare_peers(view, ran.kinds, found) == []


def test_wireshark_sees_the_same(ran: Ran) -> None:
    """Real frames: some bigger than any link takes (segmentation offload), some with checksums that the card was to fill in."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed: the lab's captures are not held against Wireshark")
    compared = verify_capture(ran.folder / "both.pcapng")
    assert compared.differences == []
    assert compared.messages[0] > 10 * len(ran.kinds)


def test_precision_and_recall(ran: Ran, comparisons: dict[str, Comparison], capsys: pytest.CaptureFixture[str]) -> None:
    if IS_FULL:
        with capsys.disabled():
            sys.stdout.write(f"\n{len(ran.kinds)} calls, {len(comparisons)} views\n{table(comparisons)}\n")
    for comparison in comparisons.values():
        for rule, score in comparison.scores.items():
            assert (score.false, score.missed) == (0, 0), rule
