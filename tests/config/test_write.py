"""What is exported and imported again is the same configuration."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siplens.config import read_configuration
from siplens.config.kind import Kind
from siplens.config.kinds import KINDS
from siplens.config.values import OneOf, address, addresses, flag, identifier, mask_bits, names, peer_name, server_name, site_name, text
from siplens.config.values import trunk_scope as scope
from siplens.config.write import as_json, as_yaml, plain_form

from .test_export_forms import OBJECTS, rows

_WORD = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)
_NAME = _WORD.filter(lambda word: ":" not in word and "," not in word)
_ADDRESS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6).filter(lambda found: found.ipv4_mapped is None)).map(str)
_BY_READER: dict[Any, st.SearchStrategy[Any]] = {
    text: _WORD,
    flag: st.booleans(),
    identifier: st.uuids().map(str),
    address: _ADDRESS,
    addresses: st.lists(_ADDRESS, min_size=1, max_size=3, unique=True),
    names: st.lists(_NAME, min_size=1, max_size=3),
    peer_name: _NAME,
    server_name: _NAME,
    site_name: _NAME,
    scope: st.one_of(st.just("Global"), _NAME.map(lambda name: f"Site:{name}"), _NAME.map(lambda name: f"Service:PstnGateway:{name}")),
    mask_bits: st.integers(1, 32),
}


def _value(reader: Any) -> st.SearchStrategy[Any]:
    if isinstance(reader, OneOf):
        return st.sampled_from(reader.words)
    return _BY_READER.get(reader, st.integers(0, 60000))


def _rows(kind: Kind) -> st.SearchStrategy[list[dict[str, Any]]]:
    columns = {column: _value(reader) for column, reader in kind.readers.items()}
    one = st.fixed_dictionaries(
        {name: columns[name] for name in kind.required}, optional={name: columns[name] for name in columns if name not in kind.required}
    ).filter(bool)
    if "MaskBits" in columns:
        one = one.map(_network_of)
    return st.lists(
        one,
        min_size=1,
        max_size=1 if kind.section == "bypass_settings" else 3,
        unique_by=lambda row: tuple(str(row.get(column)).lower() for column in kind.identity),
    )


def _network_of(row: dict[str, Any]) -> dict[str, Any]:
    column = "SubnetID" if "SubnetID" in row else "IPAddress"
    return {**row, column: str(ipaddress.ip_network(f"{row[column]}/{row['MaskBits']}", strict=False).network_address)}


def again(folder: Path, form: dict[str, Any], *, as_text: str) -> dict[str, list[dict[str, Any]]]:
    path = folder / f"again.{as_text}"
    path.write_text((as_yaml if as_text == "yaml" else as_json)(form), encoding="utf-8")
    return rows(read_configuration(path))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.section)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_configuration_comes_back(tmp_path: Path, kind: Kind, data: st.DataObject) -> None:
    told = data.draw(_rows(kind))
    form = plain_form({kind.table.name: told})
    first = again(tmp_path, form, as_text=data.draw(st.sampled_from(["yaml", "json"])))

    assert again(tmp_path, plain_form(first), as_text="yaml") == first
    found = [{name: row[name] for name in row if name in kind.readers} for row in first[kind.table.name]]
    # A gateway that is named by its address gains that address; everything else is as it was told.
    assert [row | {"addresses": None} for row in found] == [row | {"addresses": None} for row in told]


@pytest.mark.parametrize("as_text", ["yaml", "json"])
@pytest.mark.parametrize("cmdlet", OBJECTS)
def test_an_export_comes_back_from_the_plain_form(tmp_path: Path, cmdlet: str, as_text: str) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(OBJECTS[cmdlet][1]), encoding="utf-8")
    told = rows(read_configuration(path))

    assert again(tmp_path, plain_form(told), as_text=as_text) == told


def test_the_time_from_which_it_is_in_force_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "again.yaml"
    path.write_text(as_yaml(plain_form({}, dt.datetime(2026, 3, 1, 8, 30))), encoding="utf-8")

    assert read_configuration(path).valid_from == dt.datetime(2026, 3, 1, 8, 30)
