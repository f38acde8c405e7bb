"""The plain file, in YAML and in JSON of the same shape."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from siplens.config import Configuration, read_configuration
from siplens.records import TABLES

EXAMPLE = """\
mediation_servers: [10.1.0.10]
bypass_settings: {Enabled: true, AlwaysBypass: false, EnableDefaultBypassID: false}
network_regions: [{NetworkRegionID: EMEA}]
network_sites:
  - {NetworkSiteID: Berlin, NetworkRegionID: EMEA}
  - NetworkSiteID: Hamburg
    NetworkRegionID: EMEA
    BWPolicyProfileID: 5Mb
network_subnets: [{SubnetID: 10.3.77.1, MaskBits: 16, NetworkSiteID: Berlin}]
bandwidth_policies: [{BWPolicyProfileID: 5Mb}]
gateways: [{Identity: gw1, addresses: [10.2.0.20], RepresentativeMediaIP: 10.2.0.21, MediationServer: 10.1.0.10}]
trunks: [{Identity: "Service:PstnGateway:gw1", EnableBypass: true, MaxEarlyDialogs: 20, SRTPMode: optional}]
media_configuration: {EncryptionLevel: SupportEncryption}
valid_from: 2026-01-01
"""


def read(folder: Path, text: str | bytes, name: str = "configuration.yaml") -> Configuration:
    """The configuration that a file of this text holds."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_configuration(path)


def rows_of(configuration: Configuration, table: str) -> list[dict[str, Any]]:
    """Rows of one table, without the properties that the file left out."""
    rows = next(batch.rows for batch in configuration.batches if batch.table == table).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def test_the_example_becomes_rows_with_their_lines(tmp_path: Path) -> None:
    configuration = read(tmp_path, EXAMPLE)

    assert (configuration.format, configuration.complete, configuration.warnings) == ("yaml", True, ())
    assert configuration.valid_from == dt.datetime(2026, 1, 1)
    assert rows_of(configuration, "mediation_server") == [{"address": "10.1.0.10", "line": 1}]
    assert rows_of(configuration, "network_site") == [
        {"NetworkSiteID": "Berlin", "NetworkRegionID": "EMEA", "line": 5},
        {"NetworkSiteID": "Hamburg", "NetworkRegionID": "EMEA", "BWPolicyProfileID": "5Mb", "line": 6},
    ]
    assert rows_of(configuration, "gateway")[0]["addresses"] == ["10.2.0.20"]
    assert rows_of(configuration, "trunk") == [
        {
            "Identity": "Service:PstnGateway:gw1",
            "EnableBypass": True,
            "MaxEarlyDialogs": 20,
            "SRTPMode": "Optional",
            "line": 12,
        }
    ]


def test_json_of_the_same_shape_means_the_same(tmp_path: Path) -> None:
    loaded = yaml.safe_load(EXAMPLE) | {"valid_from": "2026-01-01"}
    from_json = read(tmp_path, json.dumps(loaded, indent=2), "configuration.json")
    from_yaml = read(tmp_path, EXAMPLE)

    assert (from_json.format, from_json.complete, from_json.valid_from) == ("json", True, from_yaml.valid_from)
    assert from_json.rows == from_yaml.rows
    without_lines = [[batch.rows.drop_columns(["line"]) for batch in each.batches] for each in (from_json, from_yaml)]
    assert without_lines[0] == without_lines[1]


def test_batches_have_the_schema_of_their_tables(tmp_path: Path) -> None:
    for name, rows in read(tmp_path, EXAMPLE).batches:
        assert rows.schema == TABLES[name].schema


def test_host_bits_are_masked_off_and_the_range_is_numbered(tmp_path: Path) -> None:
    subnet = rows_of(read(tmp_path, EXAMPLE), "network_subnet")[0]

    assert subnet["SubnetID"] == "10.3.0.0"
    assert subnet["first_num"] == "00000000000000000000ffff0a030000"
    assert subnet["last_num"] == "00000000000000000000ffff0a03ffff"


@pytest.mark.parametrize(
    ("written", "mask", "canonical", "first", "last"),
    [
        ("2001:DB8::5", 64, "2001:db8::", "20010db8" + "0" * 24, "20010db800000000" + "f" * 16),
        ("2001:db8::1", 128, "2001:db8::1", "20010db8" + "0" * 23 + "1", "20010db8" + "0" * 23 + "1"),
        ("10.3.0.7", 32, "10.3.0.7", "0" * 20 + "ffff0a030007", "0" * 20 + "ffff0a030007"),
        ("10.3.0.0", 1, "0.0.0.0", "0" * 20 + "ffff00000000", "0" * 20 + "ffff7fffffff"),
        ("::ffff:10.3.0.0", 24, "10.3.0.0", "0" * 20 + "ffff0a030000", "0" * 20 + "ffff0a0300ff"),
    ],
)
def test_subnets_of_both_families(tmp_path: Path, written: str, mask: int, canonical: str, first: str, last: str) -> None:
    text = f'network_subnets: [{{SubnetID: "{written}", MaskBits: {mask}, NetworkSiteID: A}}]'
    subnet = rows_of(read(tmp_path, text), "network_subnet")[0]

    assert (subnet["SubnetID"], subnet["first_num"], subnet["last_num"]) == (canonical, first, last)


@pytest.mark.parametrize(
    ("text", "table", "column", "value"),
    [
        ("network_sites: [{NetworkSiteID: NO}]", "network_site", "NetworkSiteID", "NO"),
        ("network_sites: [{NetworkSiteID: 007}]", "network_site", "NetworkSiteID", "007"),
        ("network_sites: [{networksiteid: A, BypassID: '{0AF0-1}'}]", "network_site", "BypassID", "0af0-1"),
        (
            "network_sites: [{NetworkSiteID: A, BypassID: 00000000-0000-0000-0000-000000000000}]",
            "network_site",
            "BypassID",
            None,
        ),
        ("network_sites: [{NetworkSiteID: A, BWPolicyProfileID: ''}]", "network_site", "BWPolicyProfileID", None),
        ("network_subnets: [{SubnetID: 10.0.0.0, MaskBits: '8'}]", "network_subnet", "MaskBits", 8),
        ("trunks: [{Identity: global, EnableBypass: 'True'}]", "trunk", "Identity", "Global"),
        ("trunks: [{Identity: global, EnableBypass: 'True'}]", "trunk", "EnableBypass", True),
        ("trunks: [{Identity: global, EnableBypass: no}]", "trunk", "EnableBypass", False),
        ("trunks: [{Identity: gw1}]", "trunk", "Identity", "Service:PstnGateway:gw1"),
        ("trunks: [{Identity: 'PstnGateway:gw1'}]", "trunk", "Identity", "Service:PstnGateway:gw1"),
        ("trunks: [{Identity: 'site:Redmond'}]", "trunk", "Identity", "Site:Redmond"),
        ("trunks: [{Identity: gw1, Transport: TLS}]", "trunk", "Transport", "tls"),
        ("gateways: [{Identity: 'PstnGateway:gw1'}]", "gateway", "Identity", "gw1"),
        ("gateways: [{Identity: 10.2.0.20}]", "gateway", "addresses", ["10.2.0.20"]),
        ("gateways: [{Identity: gw1, addresses: '10.2.0.20, 10.2.0.21'}]", "gateway", "addresses", ["10.2.0.20", "10.2.0.21"]),
        ("gateways: [{Identity: gw1, MediationServer: 'MediationServer:10.1.0.10'}]", "gateway", "MediationServer", "10.1.0.10"),
        ("gateways: [{Identity: gw1, AcceptsDirectMedia: false}]", "gateway", "AcceptsDirectMedia", False),
        ("mediation_servers: [{address: 10.1.0.10, pool: med}]", "mediation_server", "pool", "med"),
        ("mediation_servers: 10.1.0.10", "mediation_server", "address", "10.1.0.10"),
        ("bandwidth_policies: [{BWPolicyProfileID: P, AudioBWLimit: 500}]", "bandwidth_policy", "BWLimit", 500),
        ("region_links: [{NetworkRegionLinkID: L, NetworkRegionID1: A}]", "region_link", "NetworkRegionID1", "A"),
        ("inter_site_policies: [{InterNetworkSitePolicyID: P}]", "inter_site_policy", "InterNetworkSitePolicyID", "P"),
    ],
)
def test_values(tmp_path: Path, text: str, table: str, column: str, value: object) -> None:
    assert rows_of(read(tmp_path, text), table)[0].get(column) == value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02", dt.datetime(2026, 3, 2)),
        ("2026-03-02 08:00:00", dt.datetime(2026, 3, 2, 8)),
        ("2026-03-02T08:00:00Z", dt.datetime(2026, 3, 2, 8)),
        ("2026-03-02T08:00:00+02:00", dt.datetime(2026, 3, 2, 6)),
    ],
)
def test_valid_from_is_utc(tmp_path: Path, written: str, meant: dt.datetime) -> None:
    assert read(tmp_path, f"valid_from: {written}\ntrunks: []").valid_from == meant


def test_an_empty_list_is_mentioned_and_an_absent_part_is_not(tmp_path: Path) -> None:
    configuration = read(tmp_path, "trunks: []\nnetwork_regions:\n")

    assert configuration.rows == {"network_region": 0, "trunk": 0}


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_text_may_be_utf_8_or_utf_16(tmp_path: Path, charset: str) -> None:
    configuration = read(tmp_path, "network_sites: [{NetworkSiteID: München}]".encode(charset))

    assert rows_of(configuration, "network_site")[0]["NetworkSiteID"] == "München"


def test_line_ends_of_windows_count_as_one_line(tmp_path: Path) -> None:
    configuration = read(tmp_path, b"trunks:\r\n  - Identity: gw1\r\n  - Identity: gw2\r\n")

    assert [row["line"] for row in rows_of(configuration, "trunk")] == [2, 3]


def test_names_that_point_nowhere_are_told_once_each(tmp_path: Path) -> None:
    text = """\
network_regions: [{NetworkRegionID: EMEA}]
network_sites:
  - {NetworkSiteID: Berlin, NetworkRegionID: emea}
  - {NetworkSiteID: Tokyo, NetworkRegionID: APAC}
network_subnets:
  - {SubnetID: 10.1.0.0, MaskBits: 16, NetworkSiteID: Lyon}
  - {SubnetID: 10.2.0.0, MaskBits: 16, NetworkSiteID: Lyon}
"""
    warnings = read(tmp_path, text).warnings

    assert [warning.split("configuration.yaml:")[1] for warning in warnings] == [
        "4: network site names the network region APAC, which is not in the file",
        "6: network subnet (and 1 more) names the network site Lyon, which is not in the file",
    ]


def test_tens_of_thousands_of_subnets_are_read(tmp_path: Path) -> None:
    lines = [f"  - {{SubnetID: 10.{i >> 8}.{i & 255}.0, MaskBits: 24, NetworkSiteID: Berlin}}" for i in range(20_000)]
    configuration = read(tmp_path, "network_subnets:\n" + "\n".join(lines))

    assert configuration.rows == {"network_subnet": 20_000}
    assert rows_of(configuration, "network_subnet")[-1]["line"] == 20_001
