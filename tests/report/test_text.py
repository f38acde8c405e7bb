"""SIP text may hold anything: each reader gets it with what would harm him taken out of force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siplens.report.text import csv_cell, markdown_cell, shortened, visible


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("Anna", "Anna"),
        ("Zoë → Müller", "Zoë → Müller"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2J", "\\x9b2J"),
        ("line\nbreak\r", "line\\x0abreak\\x0d"),
        ("abc\u202efdp.exe", "abc\\u202efdp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_hidden_characters_are_spelt_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


@given(st.text())
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    assert all(character.isprintable() or character == "\u3000" or character.isspace() for character in shown)
    assert not any(character in shown for character in "\x1b\x9b\r\n\u202e\u2066")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("＝1+1", "'＝1+1"),
        ("+4930123456", "+4930123456"),
        ("-3.5", "-3.5"),
        ("Anna", "Anna"),
    ],
)
def test_a_spreadsheet_sees_no_formula(text: str, cell: str) -> None:
    assert csv_cell(text) == cell


def test_markdown_is_out_of_force() -> None:
    assert markdown_cell("a|b <script> [x](y) *z*") == "a\\|b &lt;script&gt; \\[x\\](y) \\*z\\*"


def test_long_text_says_that_it_goes_on() -> None:
    assert shortened("Mediation Server", 9) == "Mediatio…"
    assert shortened("peer", 9) == "peer"
