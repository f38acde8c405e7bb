"""The compiled look at component lines gives the rows that the grammar gives, record by record."""

from __future__ import annotations

import importlib.util
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from siplens.logs import read_log
from siplens.logs.dialects import cls

HEAD = r"TL_INFO(TF_COMPONENT) [POOL01\FE01]0F48.1B3C::01/05/2026-08:00:00.001.0000000A (MediationServer,Call.OnFork:call.cs(12)) "
Rows = dict[str, list[dict[str, Any]]]


def rows_of(text: str, one_by_one: bool, **options: Any) -> Rows:
    """All rows of a log, read by the block or record by record."""
    rows: Rows = {}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "server.log"
        path.write_bytes(text.encode())
        if one_by_one:
            patch.delattr(cls.Dialect, "take_block")
        for batch in read_log(path, "cls", **options):
            rows.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    return rows


def generated() -> Iterator[str]:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "generate_log.py"
    spec = importlib.util.spec_from_file_location("generate_log", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from module.records(0.15)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_benchmarks_log(newline: str) -> None:
    text = "".join(itertools.islice(generated(), 2000)).replace("\n", newline)
    quick, slow = rows_of(text, one_by_one=False), rows_of(text, one_by_one=True)
    assert quick == slow
    assert (len(quick["message"]), len(quick["log_event"])) == (300, 1700)
    assert "log_reject" not in quick


@pytest.mark.parametrize("options", [{"date_order": "dmy"}, {"date_order": "ymd"}])
def test_date_orders(options: dict[str, Any]) -> None:
    text = "".join(itertools.islice(generated(), 50)).replace("01/05/2026", "03/12/2026")
    assert rows_of(text, one_by_one=False, **options) == rows_of(text, one_by_one=True, **options)


SPOILERS = st.sampled_from(
    ["", " ", "(", ")", "[", "]", ":", "/", "9", "0", "a", "Z", ",", ".", "-", "\\", "\t", "é", "$$", "<<", "k=", "Result 0x1", "\r"]
)
SAID = ["state changed", "", "  padded \t", "Jörg", "$$begin_record", "a=crypto:1 AES inline:abc", "Call-ID: 7", "two\nlines", "[12] c"]
SAID += [
    "ms-diagnostics: 22;reason=x",
    "Result-Code: 0xc3e93c5e SIPPROXY_E_ROUTING",
    "x" * 5000,
    "TL_INFO( within",
    "line\n\nTL_",
    "(a(1))) b",
]
TEXTS = st.sampled_from(SAID)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(HEAD)), st.integers(0, 3), SPOILERS, TEXTS), min_size=1, max_size=6))
@example([(55, 0, "", "after a day that is none")])
def test_any_line(lines: list[tuple[int, int, str, str]]) -> None:
    """Header lines with something taken out or put in, and all kinds of text."""
    text = "".join(f"{HEAD[:at]}{spoiler}{HEAD[at + cut :]}{said}\n" for at, cut, spoiler, said in lines)
    assert rows_of(text, one_by_one=False) == rows_of(text, one_by_one=True)


@pytest.mark.parametrize("date", ["02/29/2028", "02/29/2026", "12/31/1999", "13/01/2026", "00/10/2026", "1/5/2026", "01/05/1969"])
def test_days(date: str) -> None:
    text = HEAD.replace("01/05/2026", date) + "a\n" + HEAD + "b\n"
    assert rows_of(text, one_by_one=False) == rows_of(text, one_by_one=True)
