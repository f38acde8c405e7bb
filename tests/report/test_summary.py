"""The three sentences say what is known, in numbers that agree, and call an unknown by its name."""

from __future__ import annotations

import datetime as dt

import pytest

from siplens.report.facts import Facts
from siplens.report.period import Period
from siplens.report.summary import amount, span, summary

NINE = dt.datetime(2026, 3, 7, 9, 0, 1)
COUNTS = (
    "calls",
    "answered",
    "peers",
    "expected",
    "not_expected",
    "expectation_unknown",
    "expected_bypassed",
    "expected_mediated",
    "expected_unseen",
)


def facts(unknown: str | None = None, **figures: object) -> Facts:
    unknowns = [{"reason": unknown, "calls": 1, "call_nos": [1]}] if unknown else []
    return Facts(
        title="test",
        period=Period(),
        made_at=NINE,
        figures=dict.fromkeys(COUNTS, 0) | {"first_call": NINE, "last_call": NINE} | figures,
        matrix=[],
        calls=[],
        failures=[],
        undecided=[],
        counts=[],
        sheets=[],
        left_out=0,
        peers=[],
        ground_truth=[],
        health=[],
        unknowns=unknowns,
        sources=[{"kind": "capture"}],
        snapshots=[],
        rules={},
    )


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"expected": 1, "expected_bypassed": 1}, "Media bypass was expected for 1 call, which bypassed."),
        ({"expected": 3, "expected_bypassed": 3}, "Media bypass was expected for 3 calls, all of which bypassed."),
        (
            {"expected": 4, "expected_bypassed": 2, "expected_mediated": 1, "expected_unseen": 1, "not_expected": 2},
            "Media bypass was expected for 4 calls: 2 bypassed, 1 did not bypass, 1 could not be seen; it was not to be expected for 2.",
        ),
        (
            {"not_expected": 1, "expectation_unknown": 2},
            "Media bypass was expected for no call; it was not to be expected for 1; it is not known whether it was for 2.",
        ),
    ],
)
def test_the_sentence_on_bypass(figures: dict[str, object], sentence: str) -> None:
    assert summary(facts(calls=9, **figures))[1] == sentence


def test_without_configuration_the_reason_is_said() -> None:
    told = summary(facts("no configuration imported", calls=1, expectation_unknown=1))[1]
    assert told == "Whether media bypass was to be expected is not known for any call: no configuration imported."


def test_a_capture_without_calls() -> None:
    assert summary(facts()) == [
        "1 capture showed no call in this period.",
        "There is nothing to say about media bypass.",
        "No rule failed.",
    ]


def test_amounts_and_spans() -> None:
    assert [amount(number, "call") for number in (0, 1, 2000)] == ["no call", "1 call", "2,000 calls"]
    assert span(NINE, NINE + dt.timedelta(seconds=9)) == "on 2026-03-07 between 09:00:01 and 09:00:10 UTC"
    assert span(NINE, NINE + dt.timedelta(days=2)) == "from 2026-03-07 09:00 to 2026-03-09 09:00 UTC"
    assert span(None, None) == "at times not known"
