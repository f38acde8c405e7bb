"""ms-diagnostics headers taken apart: in messages, in log events, and one pattern held against the grammar."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from siplens.resources import grammar_text
from siplens.sip.diagnostics import ICE_WARNINGS, Diagnostic, Quoted, diagnostic_batches, headers_in, ice_warnings, take_apart

from .sip_messages import invite, parsed


def row(value: str, name: str = "ms-diagnostics") -> dict[str, Any]:
    (batch,) = diagnostic_batches([Quoted(0, None, name, value)])
    (found,) = batch.rows.to_pylist()
    return dict(found)


def test_headers_of_a_message() -> None:
    text = invite(
        'ms-diagnostics: 10003.2;source="med01";reason="Proxy returned a failure";component="MediationServer";SipResponseCode="404"',
        'Ms-Client-Diagnostics: 52017;reason="Encryption levels dont match"',
        'ms-diagnostics-public: 10003;reason="x"',
    )
    rows = parsed(text)["sip_diagnostic"]
    shown = ("message_ordinal", "position", "header", "diagnostic_id", "sub_code", "source", "component", "sip_response_code", "is_whole")
    assert [tuple(found[name] for name in shown) for found in rows] == [
        (0, 0, "ms-diagnostics", 10003, 2, "med01", "MediationServer", 404, True),
        (0, 1, "ms-client-diagnostics", 52017, None, None, None, None, True),
        (0, 2, "ms-diagnostics-public", 10003, None, None, None, None, True),
    ]


def test_message_without_them_gives_no_rows() -> None:
    assert parsed(invite())["sip_diagnostic"] == []


@pytest.mark.parametrize(
    ("value", "attributes"),
    [
        ('22; reason="a;b" ;Source= host.example.com', [("reason", "a;b"), ("Source", "host.example.com")]),
        ('1010; reason ="a";HRESULT="0x80090322', [("reason", "a"), ("HRESULT", "0x80090322")]),  # its closing quote was lost
        ("7", []),
        ('5;;a="1";', [("a", "1")]),
    ],
)
def test_parameters_as_products_write_them(value: str, attributes: list[tuple[str, str]]) -> None:
    found = take_apart(value)
    assert found is not None
    assert found.attributes == attributes
    assert found.is_whole


def test_what_cannot_be_read_is_told_and_the_rest_kept() -> None:
    found = row('10003;reason="ok"=;=x')
    assert (found["reason"], found["is_whole"]) == ("ok", False)


@pytest.mark.parametrize("value", ["", "reason=1", ";x"])
def test_no_number_is_no_diagnostic(value: str) -> None:
    assert take_apart(value) is None
    assert diagnostic_batches([Quoted(0, None, "ms-diagnostics", value)]) == []


def test_ice_warnings_in_words() -> None:
    assert ice_warnings(0) == []
    assert ice_warnings(0x4000) == ["UDP local connectivity failed"]
    assert ice_warnings(0x4000320) == [
        "shared secret failed",
        "0x100 (meaning not published)",
        "TCP allocation failed",
        "0x4000000 (meaning not published)",
    ]
    assert all(bit & (bit - 1) == 0 for bit in ICE_WARNINGS)


def test_media_debug_and_media_channel_are_unfolded(shared_data: Path) -> None:
    text = (shared_data / "lync" / "ms_client_diagnostics_samples.txt").read_text()
    with_ice, without_media, *_ = [row(value, name) for name, value in headers_in(text)]
    assert with_ice["ice_warn"] == 0x4000320
    parts = {part["name"]: part["value"] for part in with_ice["media_debug"]}
    assert (parts["LocalSite"], parts["RemoteSite"], parts["FederationType"]) == ("207.46.5.9:20702", "11.1.111.11:62198", "0")
    assert (without_media["no_media"], without_media["ice_warn"]) == (True, None)
    blob = {part["name"]: part["value"] for part in without_media["media_chan"]}
    assert (blob["NetworkErr"], blob["RTPSeq"], blob["BlobVer"]) == ("no error", "0", "1")
    assert with_ice["no_media"] is None
    assert row('22;MediaChanBlob="RTPSeq=17,RTPTime=0"')["no_media"] is False


@cache
def grammar() -> Lark:
    return Lark(grammar_text("ms_diagnostics"), start="value", parser="lalr", maybe_placeholders=False)


def by_grammar(value: str) -> Diagnostic | None:
    try:
        tree = grammar().parse(value)
    except UnexpectedInput:
        return None
    numbers = [token for token in tree.children if isinstance(token, Token) and token.type in ("ID", "SUB")]
    attributes = []
    for attribute in tree.children:
        if isinstance(attribute, Tree):
            texts = [token for token in attribute.children if isinstance(token, Token) and token.type in ("QUOTED", "OPEN", "BARE")]
            name = str(attribute.children[0])
            text = str(texts[0]) if texts else ""
            # Quotes are a value's own only where none opened it.
            attributes.append((name, (text if texts and texts[0].type == "BARE" else text.strip('"')).strip()))
    return Diagnostic(int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else None, attributes, True)


REAL = [
    "lync/ms_client_diagnostics_samples.txt",
    "lync/ucma4_ms_diagnostics_examples.txt",
    "lync/ms_diag_1017.txt",
    "lync/ms_diag_4005.txt",
]
REAL += ["lync/ms_diag_15000_um_500.txt", "lync/sfbo_403_rtc7_delegate.txt", "lync/cisco_212383_client_504_ms_diagnostics.txt"]


@pytest.mark.parametrize("name", REAL)
def test_pattern_and_grammar_agree_on_real_headers(name: str, shared_data: Path) -> None:
    headers = headers_in((shared_data / name).read_text())
    assert headers
    for _, value in headers:
        assert take_apart(value.rstrip()) == by_grammar(value.rstrip())


PIECES = st.sampled_from([";", "=", '"', " ", "a", "Reason", "22", ".", "1", "x y", "0x10", "-", ",", "source", "\t"])


@settings(max_examples=300)
@example('22;a=="')
@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=12).map(lambda parts: "22;" + "".join(parts))))
def test_pattern_and_grammar_agree_on_any_text(value: str) -> None:
    found = take_apart(value)
    told = by_grammar(value)
    assert (found is not None and found.is_whole) == (told is not None)
    if told:
        assert found == told
