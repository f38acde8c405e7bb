"""Expected against observed, the likeliest cause, and what one criterion file more does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from siplens.errors import RuleError
from siplens.pipeline import criteria
from siplens.pipeline.criteria import criterion_files
from siplens.pipeline.derive import assess, derive
from siplens.store import Store, memory_store
from siplens.store.writer import number_addresses

from .test_decision_table import TABLE, import_snapshot
from .written_call import WrittenCalls

Row = dict[str, Any]
MEDIATED = {"observed": "mediated", "signalled": "mediated"}
REGIONS_WITH_IDS = {"network_regions": [{"NetworkRegionID": "EMEA", "BypassID": "AAAA"}, {"NetworkRegionID": "APAC"}]}


class Court:
    """Calls to judge: each is written down when the tests are collected, and all are judged at once."""

    def __init__(self) -> None:
        self._calls: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def call(self, said: Mapping[str, Any], configuration: Mapping[str, Any] | None = None) -> int:
        """Takes a call under the ordinary configuration, changed by `configuration`; returns its number."""
        self._calls.append((said, configuration or {}))
        return len(self._calls) - 1

    def judge(self, folder: Path) -> list[Row]:
        """Rows of bypass_assessment, by number."""
        with memory_store() as store:
            derive(store)
            calls = WrittenCalls()
            for number, (said, configuration) in enumerate(self._calls):
                path = folder / f"{number}.yaml"
                path.write_text(yaml.safe_dump({**TABLE["ordinary"], **configuration}), encoding="utf-8")
                import_snapshot(store, path, number)
                calls.add(number, {**said, "snapshot_id": number})
            calls.put_into(store)
            number_addresses(store)
            assess(store)
            columns, rows = store.query("select * from bypass_assessment order by call_no")
            return [dict(zip(columns, row, strict=True)) for row in rows]


COURT = Court()


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """The judgement of every call that this module wrote down."""
    return COURT.judge(tmp_path_factory.mktemp("configurations"))


def put(store: Store, call: Mapping[str, Any]) -> None:
    """One written call into a store, judged."""
    calls = WrittenCalls()
    calls.add(1, call)
    calls.put_into(store)
    number_addresses(store)
    assess(store)


@pytest.mark.parametrize(
    ("number", "observed"),
    [
        (COURT.call({"observed": "direct", "signalled": "mediated"}), "pass"),
        (COURT.call({"observed": "mediated", "signalled": "direct"}), "fail"),
        (COURT.call({"observed": "relay", "signalled": "direct"}), "fail"),
        (COURT.call({"observed": "unseen", "signalled": "direct"}), "pass"),
        (COURT.call({"observed": "unseen", "signalled": "mediated"}), "fail"),
        (COURT.call({"observed": "unseen", "signalled": "relay"}), "fail"),
        (COURT.call({"observed": "none", "signalled": "direct"}), "pass"),
        (COURT.call({"observed": "none", "signalled": "unknown"}), "unknown"),
        (COURT.call({"observed": "unseen", "signalled": "unknown"}), "unknown"),
        (COURT.call({"observed": "one_way", "signalled": "direct", "client_to_peer_packets": 400}), "pass"),
        (COURT.call({"observed": "one_way", "signalled": "mediated", "via_mediation_packets": 400}), "fail"),
        (COURT.call({"observed": "one_way", "signalled": "direct"}), "pass"),
    ],
)
def test_media_seen_counts_before_media_negotiated(rows: list[Row], number: int, observed: str) -> None:
    assert rows[number]["observed"] == observed


def seen_as(observed: str, trunk_enables: bool) -> int:
    """A call whose media went so, on a trunk that enables bypass or does not."""
    trunk = {"Identity": "gw1", "EnableBypass": trunk_enables, "SRTPMode": "Optional"}
    signalled = "unknown" if observed == "unseen" else observed
    return COURT.call({"observed": observed, "signalled": signalled}, {"trunks": [trunk]})


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (seen_as("direct", trunk_enables=True), "pass"),
        (seen_as("mediated", trunk_enables=True), "fail"),
        (seen_as("unseen", trunk_enables=True), "unknown"),
        (seen_as("direct", trunk_enables=False), "fail"),
        (seen_as("mediated", trunk_enables=False), "pass"),
        (seen_as("unseen", trunk_enables=False), "unknown"),
    ],
)
def test_verdict(rows: list[Row], number: int, verdict: str) -> None:
    assert rows[number]["verdict"] == verdict
    assert (rows[number]["unknown_reason"] is not None) == (verdict == "unknown")


SAME_IDS = {"client_bypass_id": "aa", "peer_bypass_id": "aa"}


@pytest.mark.parametrize(
    ("number", "cause", "detail"),
    [
        (COURT.call({**MEDIATED, "refused_with": 488}), "peer refused direct media", "488"),
        (COURT.call({**MEDIATED, "refused_with": 606}), "peer refused direct media", "606"),
        (COURT.call({**MEDIATED, "refused_with": 488, "diagnostics": "ms-client-diagnostics: 52017;reason=x"}), "encryption", "488"),
        (COURT.call({**MEDIATED, "direction": "inbound", "early_dialogs": 2, "pracks": [200, 481]}), "fork rejected", "refused: 1"),
        (COURT.call({**MEDIATED, "direction": "inbound", "early_dialogs": 2, "pracks": [481, 200], **SAME_IDS}), "unknown", None),
        (COURT.call({**MEDIATED, "replaces": "a;to-tag=1;from-tag=2"}), "transfer", "transferred"),
        (COURT.call({**MEDIATED, "client_bypass_id": "aa", "peer_bypass_id": "bb"}), "bypass ID on the wire differs", "client aa, peer bb"),
        (COURT.call({**MEDIATED, **SAME_IDS}), "unknown", "does not explain"),
        (COURT.call({**MEDIATED, "client_proto": "RTP/SAVP"}), "encryption", "RTP/SAVP"),
        (
            COURT.call({**MEDIATED, "peer_media_ip": "10.5.0.21"}),
            "media address differs from the configured one",
            "10.5.0.21, bypass counts 10.2.0.21",
        ),
        (COURT.call({**MEDIATED, "refused_with": 503, **SAME_IDS}), "unknown", None),
        (COURT.call(MEDIATED), "client named no bypass ID", "has no x-bypassid"),
    ],
)
def test_cause_of_a_call_that_did_not_bypass(rows: list[Row], number: int, cause: str, detail: str | None) -> None:
    row = rows[number]

    assert row["verdict"] == "fail"
    assert row["cause"] == cause
    assert detail is None or detail in row["cause_detail"]


STALE = COURT.call({**MEDIATED, "client_bypass_id": "0ld"}, REGIONS_WITH_IDS)
FRESH = COURT.call({**MEDIATED, "client_bypass_id": "aaaa"}, REGIONS_WITH_IDS)


def test_a_configured_bypass_id_is_compared_with_the_one_on_the_wire(rows: list[Row]) -> None:
    assert (rows[STALE]["cause"], rows[FRESH]["cause"]) == ("bypass ID on the wire differs", "unknown")
    said = "bypass IDs on the wire: client 0ld, peer (not seen); configured: client aaaa"
    assert rows[STALE]["cause_detail"].startswith(said)


REFUSED_FOR_GOOD = COURT.call({"observed": "unseen", "signalled": "unknown", "refused_with": 488})


def test_a_refusal_that_ended_the_call_is_named_although_nothing_was_observed(rows: list[Row]) -> None:
    row = rows[REFUSED_FOR_GOOD]

    assert (row["expected"], row["observed"], row["verdict"]) == ("pass", "unknown", "unknown")
    assert row["cause"] == "peer refused direct media"
    assert row["evidence"][-1]["note"] == "answer to the offer of direct media"


AS_EXPECTED = COURT.call({})


def test_a_verdict_of_pass_has_no_cause_and_no_reasons(rows: list[Row]) -> None:
    row = rows[AS_EXPECTED]

    assert (row["verdict"], row["cause"], row["reasons"], row["unknown_reason"]) == ("pass", None, None, None)
    assert row["observed_reason"] == "RTP: direct; SDP: direct"


def test_without_configuration_the_answer_is_unknown_and_says_so() -> None:
    with memory_store() as store:
        derive(store)
        put(store, {})
        row = store.query("select expected, verdict, unknown_reason, cause from bypass_assessment").rows[0]
        outcomes = dict(store.query("select criterion, outcome from bypass_criterion").rows)

    assert row == ("unknown", "unknown", "no configuration imported", None)
    assert {criterion for criterion, outcome in outcomes.items() if outcome == "unknown"} == {
        "bypass_enabled_globally",
        "bypass_enabled_on_trunk",
        "trunk_settings_compatible",
        "peer_accepts_direct_media",
        "well_connected",
        "encryption_compatible",
    }


def test_a_configuration_of_later_days_does_not_judge_this_call(tmp_path: Path) -> None:
    path = tmp_path / "later.yaml"
    path.write_text("trunks: [{Identity: Global}]", encoding="utf-8")
    with memory_store() as store:
        derive(store)
        import_snapshot(store, path, 1)
        put(store, {})
        reason = store.value("select unknown_reason from bypass_assessment")

    assert reason == "no configuration was in force when the call began"


def test_one_criterion_file_more_is_one_criterion_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = tmp_path / "not_on_sunday.sql"
    made_up.write_text(
        """/*
criterion = "not_on_sunday"
title = "The call is not made on a Sunday"
document = "made up for this test"
requirement = "call"
*/
select call_no, if(dayname(started_ts) = 'Sunday', 'fail', 'pass') as outcome, dayname(started_ts) as detail, [] as evidence
from call
""",
        encoding="utf-8",
    )
    monkeypatch.setattr(criteria, "criterion_files", lambda: [*criterion_files(), made_up])
    with memory_store() as store:
        derive(store)
        put(store, {})
        rows = store.query("select outcome, detail from bypass_criterion where criterion = 'not_on_sunday'").rows
        title = store.value("select title from criterion where criterion = 'not_on_sunday'")

    assert rows == [("pass", "Monday")]
    assert title == "The call is not made on a Sunday"


@pytest.mark.parametrize("text", ["select 1", "/* criterion = */ select 1", '/* criterion = "x" */ select 1'])
def test_a_criterion_file_without_its_header_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    bad = tmp_path / "bad.sql"
    bad.write_text(text, encoding="utf-8")
    monkeypatch.setattr(criteria, "criterion_files", lambda: [bad])
    with memory_store() as store, pytest.raises(RuleError, match=r"bad\.sql"):
        derive(store)


def test_tables_of_the_decision_have_their_comments() -> None:
    bare = """
        select table_name, column_name from duckdb_columns()
        where (table_name like 'bypass%' or table_name in ('criterion', 'peer_profile')) and comment is null
    """
    with memory_store() as store:
        derive(store)
        assert store.query(bare).rows == []
