"""Bad configuration files: one sentence each, with file, line and property, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.config import read_configuration
from siplens.errors import ConfigurationError, SiplensError, UnreadableFileError

BAD_YAML = [
    ("trunks: [{EnableBypass: true}]", "1: trunk configuration without Identity"),
    (
        "trunks:\n  - Identity: gw1\n    EnableBypas: true",
        "3: EnableBypas: unknown property of a trunk configuration (did you mean EnableBypass?)",
    ),
    (
        "trunks:\n  - Identity: gw1\n    EnableBypass: maybe",
        "3: EnableBypass of a trunk configuration: expected true or false, found 'maybe'",
    ),
    (
        "trunks:\n  - Identity: gw1\n    EnableBypass: [true]",
        "3: EnableBypass of a trunk configuration: expected true or false, found a list of 1",
    ),
    ("trunks: [{Identity: gw1, MaxEarlyDialogs: -1}]", "1: MaxEarlyDialogs of a trunk configuration: expected a number of early dialogs"),
    (
        "trunks: [{Identity: gw1, SRTPMode: Sometimes}]",
        "1: SRTPMode of a trunk configuration: expected Required, Optional or NotSupported, found 'Sometimes'",
    ),
    ("trunks: [{Identity: gw1, SRTPMode: 2}]", "Export-Clixml"),
    ("trunks:\n  - Identity: gw1\n  - Identity: GW1", "3: trunk configuration Service:PstnGateway:GW1: given twice (first in line 2)"),
    ("trunks: [{Identity: gw1, Identity: gw2}]", "1: Identity is given twice (first in line 1)"),
    ("trunks: [{Identity: {a: 1}}]", "1: Identity of a trunk configuration: expected a text, found an object"),
    ("trunks: [gw1]", "1: trunks: expected a trunk configuration object, found 'gw1'"),
    ("bypass_settings: [{Enabled: true}, {Enabled: false}]", "1: media bypass settings: given twice (first in line 1)"),
    (
        "network_subnets: [{SubnetID: 10.3.0, MaskBits: 16}]",
        "1: SubnetID of a network subnet: expected an IPv4 or IPv6 address, found '10.3.0'",
    ),
    ("network_subnets: [{SubnetID: 10.3.0.0, MaskBits: 33}]", "1: MaskBits of a network subnet: expected 1 to 32 for 10.3.0.0, found 33"),
    (
        "network_subnets: [{SubnetID: 10.3.0.0, MaskBits: 0}]",
        "1: MaskBits of a network subnet: expected a prefix length, a whole number from 1 to 128",
    ),
    ("network_subnets:\n  - {SubnetID: 10.3.0.0}", "2: network subnet without MaskBits"),
    (
        "network_subnets:\n  - {SubnetID: 10.3.0.0, MaskBits: 16}\n  - {SubnetID: 10.3.9.9, MaskBits: 16}",
        "3: network subnet 10.3.0.0/16: given twice (first in line 2)",
    ),
    ("gateways: [{Identity: gw1, addresses: [sip.contoso.example]}]", "1: addresses of a gateway: expected an IPv4 or IPv6 address"),
    ("gateways: [{Identity: gw1, addresses: {a: 1}}]", "1: addresses of a gateway: expected a list of addresses, found an object"),
    ("mediation_servers: [med01]", "1: mediation_servers: expected an IPv4 or IPv6 address, found 'med01'"),
    ("mediation_servers: [[10.1.0.10]]", "1: mediation_servers: expected an address, found a list of 1"),
    ("bandwidth_policies: [{BWPolicyProfileID: A, BWPolicy: x}]", "1: BWPolicy: expected a list of objects, found 'x'"),
    ("bandwidth_policies: [{BWPolicyProfileID: A, BWPolicy: [x]}]", "1: BWPolicy: expected an object, found 'x'"),
    ("trunk: [{Identity: x}]\nvalid_from: 2026-01-01", "1: trunk: unknown part of a configuration (did you mean trunks?)"),
    ("weather: fine\ntrunks: []", "1: weather: unknown part of a configuration (known are"),
    ("valid_from: yesterday", "1: valid_from: expected a date such as 2026-01-31"),
    ("valid_from: [2026-01-01]", "1: valid_from: expected a date such as 2026-01-31"),
    ("trunks:\n\t- x", "2: not readable as YAML"),
    (
        "network_subnets:\n  - SubnetID: fd00::\n    MaskBits: 64",
        "2: not readable as YAML: mapping values are not allowed in this context (put a value",
    ),
    ("trunks: &a [*a]", "1: an alias holds itself"),
    ("? [a]\n: b", "1: expected the name of a property before ':'"),
    ("[" * 3000, "configuration.yaml"),
    ("a: 1\n---\nb: 2", "2: not readable as YAML"),
    ("just words", "1: not a configuration: found 'just words'"),
    ("- [1]", "1: not a configuration: found '1'"),
    ("trunk:\n  Identity: gw1\n", "cannot tell what object this is, with the properties Identity"),
    ("", "the file is empty"),
    ("# only a comment\n", "not a configuration: found nothing"),
]
BAD_JSON = [
    ('{"trunks": [1,]}', "1: not readable as JSON: expected a value, found ']}'"),
    ('{\n "trunks": [\n}', "3: not readable as JSON: expected a value, found '}'"),
    ('{"trunks": [1\n 2]}', "2: not readable as JSON: expected ',' or ']', found '2]}'"),
    ('{"trunks" []}', "1: not readable as JSON: expected ':' after trunks"),
    ("{trunks: []}", "1: not readable as JSON: expected the name of a property in double quotes"),
    ('{"trunks": []} x', "1: not readable as JSON: expected the end of the file, found 'x'"),
    ('{"trunks": "a\n"}', "1: not readable as JSON: expected a text that ends with '\"' on its line"),
    ('{"trunks": "\\x"}', "1: not readable as JSON: expected an escape"),
    ('{"trunks": [', "1: not readable as JSON: expected a value, but the line ends there"),
    ("[" * 5000, "1: not readable as JSON: expected no more than 100 levels"),
    ('{"weather": 1}', "1: cannot tell what object this is, with the properties weather"),
    ("[]", "holds no configuration"),
    ('{"Identity": "Global", "MediaBypassSettings": "Enabled=True;AlwaysBypass=False"}', "ConvertTo-Json -Depth 10"),
    ('{"Identity": "Global", "Subnets": ["Microsoft.Rtc.Management.WritableConfig.Settings"]}', "ConvertTo-Json -Depth 10"),
]


def error_of(path: Path) -> SiplensError:
    """The error that reading the file raises."""
    with pytest.raises(SiplensError) as caught:
        read_configuration(path)
    return caught.value


def words_of(error: SiplensError) -> str:
    """Message and hint as one text."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


@pytest.mark.parametrize(("text", "words"), BAD_YAML)
def test_bad_yaml(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "configuration.yaml"
    path.write_text(text, encoding="utf-8")
    error = error_of(path)

    assert isinstance(error, ConfigurationError)
    assert error.message.startswith(str(path))
    assert words in words_of(error)
    assert "\n" not in words_of(error)


@pytest.mark.parametrize(("text", "words"), BAD_JSON)
def test_bad_json(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(text, encoding="utf-8")
    error = error_of(path)

    assert isinstance(error, ConfigurationError)
    assert error.message.startswith(str(path))
    assert words in words_of(error)
    assert "\n" not in words_of(error)


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01\x00", b"\xd4\xc3\xb2\xa1\x02\x00", b"trunks: \xff", b"a\x00b"])
def test_binary_files(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "configuration.yaml"
    path.write_bytes(data)

    assert "not a text file (byte" in error_of(path).message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    missing, folder = error_of(tmp_path / "missing.yaml"), error_of(tmp_path)

    assert isinstance(missing, UnreadableFileError)
    assert missing.message.endswith("cannot be read: No such file or directory")
    assert isinstance(folder, UnreadableFileError)
    assert "is a folder" in folder.message


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siplens.config.text.MAX_BYTES", 10)
    path = tmp_path / "configuration.yaml"
    path.write_text("network_sites: []", encoding="utf-8")

    assert "17 bytes are too many for a configuration (at most 10)" in error_of(path).message
