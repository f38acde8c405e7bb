"""What Get-Cs… | ConvertTo-Json writes: objects recognised by their properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from siplens.config import Configuration, read_configuration

NETWORK = {
    "Identity": "Global",
    "MediaBypassSettings": {
        "AlwaysBypass": False,
        "BypassID": "BE38F190-A24A-4A72-B66C-B09FD0909EBC",
        "EnableDefaultBypassID": True,
        "Enabled": True,
        "InternalBypassMode": 1,
        "ExternalBypassMode": 0,
    },
    "BWPolicyProfiles": [
        {
            "Identity": "5Mb",
            "BWPolicy": [
                {"BWLimit": 5000, "BWSessionLimit": 200, "BWPolicyModality": "Audio"},
                {"BWLimit": 2000, "BWSessionLimit": 700, "BWPolicyModality": "Video"},
            ],
            "BWPolicyProfileID": "5Mb",
            "Description": None,
        }
    ],
    "NetworkRegions": [
        {
            "Identity": "EMEA",
            "Description": None,
            "BypassID": "aa",
            "CentralSite": "Redmond",
            "BWAlternatePaths": [],
            "NetworkRegionID": "EMEA",
        }
    ],
    "NetworkRegionLinks": [],
    "InterNetworkRegionRoutes": [],
    "NetworkSites": [
        {
            "Identity": "Berlin",
            "NetworkSiteID": "Berlin",
            "NetworkRegionID": "EMEA",
            "BypassID": "aa",
            "BWPolicyProfileID": None,
            "LocationPolicy": None,
        }
    ],
    "InterNetworkSitePolicies": [],
    "Subnets": [{"Identity": "10.3.0.0", "MaskBits": 16, "Description": None, "NetworkSiteID": "Berlin", "SubnetID": "10.3.0.0"}],
    "EnableBandwidthPolicyCheck": True,
}
TRUNK = {
    "Identity": "Global",
    "OutboundTranslationRulesList": [],
    "ConcentratedTopology": True,
    "EnableBypass": False,
    "EnableReferSupport": True,
    "MaxEarlyDialogs": 20,
    "RTCPActiveCalls": True,
    "RTCPCallsOnHold": True,
    "SRTPMode": "Required",
    "NetworkSiteID": None,
}
GATEWAY = {
    "Identity": "PstnGateway:192.168.0.240",
    "MediationServer": "MediationServer:med01.contoso.example",
    "RepresentativeMediaIP": None,
    "AlternateByPassId": "00000000-0000-0000-0000-000000000000",
    "SiteId": "Site:Redmond",
    "PoolFqdn": "192.168.0.240",
    "Version": 6,
}


def read(folder: Path, exported: object, *, charset: str = "utf-8") -> Configuration:
    """The configuration that a file with this export holds."""
    path = folder / "export.json"
    path.write_bytes(json.dumps(exported, indent=4).encode(charset))
    return read_configuration(path)


def rows_of(configuration: Configuration, table: str) -> list[dict[str, Any]]:
    """Rows of one table, without the properties that the file left out."""
    rows = next(batch.rows for batch in configuration.batches if batch.table == table).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def test_the_network_configuration_carries_everything(tmp_path: Path) -> None:
    configuration = read(tmp_path, NETWORK)

    assert (configuration.format, configuration.complete, configuration.warnings) == ("json", False, ())
    assert rows_of(configuration, "bypass_settings") == [
        {
            "Enabled": True,
            "AlwaysBypass": False,
            "BypassID": "be38f190-a24a-4a72-b66c-b09fd0909ebc",
            "EnableDefaultBypassID": True,
            "EnableBandwidthPolicyCheck": True,
            "line": 3,
        }
    ]
    assert [row["BWPolicyModality"] for row in rows_of(configuration, "bandwidth_policy")] == ["Audio", "Video"]
    assert rows_of(configuration, "network_region")[0]["CentralSite"] == "Redmond"
    assert configuration.rows == {
        "bypass_settings": 1,
        "network_region": 1,
        "network_site": 1,
        "network_subnet": 1,
        "bandwidth_policy": 2,
        "region_link": 0,
        "inter_site_policy": 0,
        "region_route": 0,
    }


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_text_that_powershell_writes(tmp_path: Path, charset: str) -> None:
    assert read(tmp_path, NETWORK, charset=charset).rows["network_site"] == 1


@pytest.mark.parametrize(
    ("exported", "rows"),
    [
        (TRUNK, {"trunk": 1}),
        ([TRUNK, TRUNK | {"Identity": "Service:PstnGateway:gw1"}], {"trunk": 2}),
        ({"value": [TRUNK], "Count": 1}, {"trunk": 1}),
        (GATEWAY, {"gateway": 1}),
        ({"Identity": "gw1", "RepresentativeMediaIP": "10.2.0.21"}, {"gateway": 1}),
        ({"Identity": "Global", "EncryptionLevel": "RequireEncryption", "EnableSiren": False}, {"media_configuration": 1}),
        (NETWORK["MediaBypassSettings"], {"bypass_settings": 1}),
        (NETWORK["NetworkSites"], {"network_site": 1}),
        (NETWORK["NetworkRegions"], {"network_region": 1}),
        (NETWORK["Subnets"], {"network_subnet": 1}),
        (NETWORK["BWPolicyProfiles"], {"bandwidth_policy": 2}),
        ({"Identity": "L", "NetworkRegionLinkID": "L", "NetworkRegionID1": "A", "NetworkRegionID2": "B"}, {"region_link": 1}),
        ({"InterNetworkSitePolicyID": "P", "NetworkSiteID1": "A", "NetworkSiteID2": "B"}, {"inter_site_policy": 1}),
        ({"Identity": "MediationServer:10.1.0.10", "PoolFqdn": "10.1.0.10", "SiteId": "Site:A"}, {"mediation_server": 1}),
        ([{"Identity": "Registrar:fe.contoso.example", "PoolFqdn": "fe", "SiteId": "Site:A"}, TRUNK], {"trunk": 1}),
        ({"trunks of today": [TRUNK], "network": NETWORK["NetworkSites"]}, {"trunk": 1, "network_site": 1}),
    ],
)
def test_objects_are_recognised_by_their_properties(tmp_path: Path, exported: object, rows: dict[str, int]) -> None:
    assert read(tmp_path, exported).rows == rows


def test_one_subnet_without_a_list_is_a_list_of_one(tmp_path: Path) -> None:
    assert read(tmp_path, NETWORK | {"Subnets": NETWORK["Subnets"][0]}).rows["network_subnet"] == 1  # type: ignore[index]


def test_a_gateway_named_by_its_address(tmp_path: Path) -> None:
    assert rows_of(read(tmp_path, GATEWAY), "gateway") == [
        {
            "Identity": "192.168.0.240",
            "addresses": ["192.168.0.240"],
            "MediationServer": "med01.contoso.example",
            "PoolFqdn": "192.168.0.240",
            "SiteId": "Redmond",
            "line": 1,
        }
    ]


def test_lines_lead_to_the_object(tmp_path: Path) -> None:
    path = tmp_path / "trunks.json"
    path.write_text(
        '[\n  {"Identity": "Global", "EnableBypass": true, "ConcentratedTopology": true},\n\n  {\n'
        '    "Identity": "Site:A", "EnableBypass": true, "ConcentratedTopology": true\n  }\n]\n',
        encoding="utf-8",
    )

    assert [row["line"] for row in rows_of(read_configuration(path), "trunk")] == [2, 4]


def test_escapes_and_empty_values_of_powershell(tmp_path: Path) -> None:
    path = tmp_path / "sites.json"
    path.write_text('{"NetworkSiteID": "M\\u00fcnchen \\u0026 Umland", "NetworkRegionID": "", "BWPolicyProfileID": null}', encoding="utf-8")

    assert rows_of(read_configuration(path), "network_site") == [{"NetworkSiteID": "München & Umland", "line": 1}]


def test_a_property_that_looks_misspelt_is_a_warning_and_a_new_one_is_not(tmp_path: Path) -> None:
    warnings = read(tmp_path, TRUNK | {"EnableBypas": True, "SomethingOfNextYear": 1}).warnings

    assert len(warnings) == 1
    assert warnings[0].endswith("EnableBypas: unknown property of a trunk configuration, did you mean EnableBypass?")
