"""String columns made with NumPy: what Arrow's own functions would make of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from siplens.sip.text_columns import chosen, distinct, lowered, may_hold


def test_rows_are_chosen_from_words() -> None:
    assert chosen(["sendrecv", "", "été"], np.array([2, 0, 1, 2])).to_pylist() == ["été", "sendrecv", "", "été"]
    assert chosen([], np.zeros(0, np.int64)).to_pylist() == []


@pytest.mark.parametrize("values", [[], [7], [3, -1, 3, 2**63 - 1, -(2**63), -1]])
def test_distinct_values_rise_and_each_is_found_among_them(values: list[int]) -> None:
    kept, where = distinct(np.array(values, np.int64))
    assert kept.tolist() == sorted(set(values))
    assert kept[where].tolist() == values


@pytest.mark.parametrize("texts", [["udp", None, "tls"], ["UDP", None, "tcp [@Z`{]"], ["ÉTÉ", "x"], [None, None], []])
def test_lower_case_is_arrows(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    assert lowered(column).equals(pc.utf8_lower(column))


def test_a_byte_is_looked_for_in_all_texts() -> None:
    column = pa.array(["10.0.0.1", None, "2001:db8::1"], pa.string())
    assert may_hold(column, b":")
    assert not may_hold(column, b"A", b"Z")
    assert not may_hold(pa.nulls(3, pa.string()), b":")
