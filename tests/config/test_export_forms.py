"""Every cmdlet that the decision needs, in every form that PowerShell writes it in: the same rows come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siplens.config import Configuration, read_configuration
from siplens.errors import ConfigurationError

from . import powershell
from .powershell import Thing

NOTHING: Thing = {"Element": "<x />", "Description": None}
OBJECTS: dict[str, tuple[str, list[Thing]]] = {
    "Get-CsNetworkRegion": (
        "network_region",
        [
            {"Identity": "Pacific Northwest", "BypassID": "3B232B84-2c1d-4da2-8181-e9330bafebe9", "CentralSite": "Site:Redmond1"}
            | {"BWAlternatePaths": [{"BWPolicyModality": "Audio", "AlternatePath": True}], "NetworkRegionID": "Pacific Northwest"}
        ],
    ),
    "Get-CsNetworkSite": (
        "network_site",
        [
            {"Identity": name, "NetworkSiteID": name, "NetworkRegionID": "EMEA", "BWPolicyProfileID": policy, "LocationPolicy": None}
            for name, policy in (("Berlin, Mitte", None), ("Hamburg", "5Mb"))
        ],
    ),
    "Get-CsNetworkSubnet": (
        "network_subnet",
        [
            {"Identity": "172.11.15.0", "MaskBits": 28, "Description": None, "NetworkSiteID": "Redmond", "SubnetID": "172.11.15.0"},
            {"Identity": "2001:db8::", "MaskBits": 48, "Description": "v6", "NetworkSiteID": None, "SubnetID": "2001:db8::"},
        ],
    ),
    "Get-CsNetworkRegionLink": (
        "region_link",
        [{"Identity": "L", "BWPolicyProfileID": None, "NetworkRegionLinkID": "L", "NetworkRegionID1": "A", "NetworkRegionID2": "B"}],
    ),
    "Get-CsNetworkInterRegionRoute": (
        "region_route",
        [
            {"Identity": "TransAmericaRoute", "NetworkRegionLinks": ["NorthwestToNortheast", "NortheastToEurope"]}
            | {"InterNetworkRegionRouteID": "TransAmericaRoute", "NetworkRegionID1": "Pacific Northwest", "NetworkRegionID2": "Northeast"}
        ],
    ),
    "Get-CsNetworkInterSitePolicy": (
        "inter_site_policy",
        [{"Identity": "P", "InterNetworkSitePolicyID": "P", "NetworkSiteID1": "A", "NetworkSiteID2": "B", "BWPolicyProfileID": "5Mb"}],
    ),
    "Get-CsNetworkBandwidthPolicyProfile": (
        "bandwidth_policy",
        [
            {
                "Identity": "RedmondBandwidthPolicy",
                "BWPolicy": [
                    {"BWLimit": 200, "BWSessionLimit": 200, "BWPolicyModality": "Audio"},
                    {"BWLimit": 1400, "BWSessionLimit": 500, "BWPolicyModality": "Video"},
                ],
                "BWPolicyProfileID": "RedmondBandwidthPolicy",
            }
        ],
    ),
    "Get-CsTrunkConfiguration": (
        "trunk",
        [
            {"Identity": scope, "OutboundTranslationRulesList": [], "PstnUsages": [], "ConcentratedTopology": True, "EnableBypass": on}
            | {"EnableReferSupport": True, "MaxEarlyDialogs": 20, "RTCPActiveCalls": True, "RTCPCallsOnHold": False, "SRTPMode": "Optional"}
            for scope, on in (("Global", False), ("Site:Redmond", True), ("Service:PstnGateway:gw1.contoso.example", True))
        ],
    ),
    "Get-CsTrunk": (
        "gateway",
        [{"Identity": "PstnGateway:trunk1", "Gateway": "PstnGateway:gw1", "RepresentativeMediaIP": "10.2.0.21", "PoolFqdn": "gw1"}],
    ),
    "Get-CsService -PstnGateway": (
        "gateway",
        [
            {"Identity": "PstnGateway:192.168.0.240", "MediationServer": "MediationServer:med.contoso.example", "SiteId": "Site:Redmond"}
            | {"AlternateByPassId": "00000000-0000-0000-0000-000000000000", "RepresentativeMediaIP": None, "PoolFqdn": "192.168.0.240"}
        ],
    ),
    "Get-CsMediaConfiguration": (
        "media_configuration",
        [{"Identity": "Global", "EnableQoS": False, "EncryptionLevel": "RequireEncryption", "MaxVideoRateAllowed": "VGA600K"}],
    ),
    "Get-CsOnlinePSTNGateway": (
        "teams_gateway",
        [
            {
                "Identity": "sbc1.contoso.com",
                "Fqdn": "sbc1.contoso.com",
                "SipSignalingPort": 5061,
                "MediaBypass": True,
                "BypassMode": "Always",
            }
            | {"ProxySbc": None, "GatewaySiteId": "Hanoi", "Enabled": True, "IPAddressVersion": "IPv4", "PidfLoSupported": False}
        ],
    ),
    "Get-CsTenantNetworkRegion": ("network_region", [{"Identity": "APAC", "CentralSite": None, "NetworkRegionID": "APAC"}]),
    "Get-CsTenantNetworkSite": (
        "network_site",
        [{"Identity": "Hanoi", "NetworkSiteID": "Hanoi", "NetworkRegionID": "APAC", "EnableLocationBasedRouting": False}],
    ),
    "Get-CsTenantNetworkSubnet": (
        "network_subnet",
        [{"Identity": "192.168.1.0", "SubnetID": "192.168.1.0", "MaskBits": 24, "NetworkSiteID": "Hanoi"}],
    ),
    "Get-CsTenantTrustedIPAddress": ("trusted_ip", [{"Identity": "172.16.240.110", "IPAddress": "172.16.240.110", "MaskBits": 32}]),
}
FORMS: dict[str, tuple[str, Callable[[list[Thing]], str]]] = {
    "Export-Clixml": ("clixml", powershell.clixml),
    "ConvertTo-Json": ("json", lambda things: json.dumps(things, indent=4)),
    "ConvertTo-Json of a wrapped list": ("json", powershell.wrapped_json),
    "Export-Csv": ("csv", powershell.export_csv),
    "Export-Csv -UseCulture -NoTypeInformation": ("csv", lambda things: powershell.export_csv(things, ";", with_type=False)),
    "Export-Csv -Delimiter tab": ("csv", lambda things: powershell.export_csv(things, "\t")),
    "Format-List": ("format-list", powershell.format_list),
}


def rows(configuration: Configuration) -> dict[str, list[dict[str, Any]]]:
    """All rows without their lines, and without what was not given."""
    return {
        batch.table: [
            {name: value for name, value in row.items() if value is not None and name != "line"} for row in batch.rows.to_pylist()
        ]
        for batch in configuration.batches
    }


def read(folder: Path, text: str, charset: str = "utf-8") -> Configuration:
    path = folder / "export.txt"
    path.write_bytes(text.encode(charset))
    return read_configuration(path)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cmdlet", OBJECTS)
def test_every_cmdlet_in_every_form(tmp_path: Path, cmdlet: str, form: str) -> None:
    table, things = OBJECTS[cmdlet]
    name, write = FORMS[form]
    told = rows(read(tmp_path, json.dumps(things)))
    configuration = read(tmp_path, write(things), "utf-16")

    assert configuration.format == name
    assert list(told) == [table]
    if name == "csv":  # lists are lost in it
        for row in [*told[table]]:
            row.pop("NetworkRegionLinks", None)
        if table == "bandwidth_policy":
            told = {table: [{"BWPolicyProfileID": "RedmondBandwidthPolicy"}]}
    assert rows(configuration) == told


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_any_encoding_of_clixml(tmp_path: Path, charset: str) -> None:
    text = powershell.clixml(OBJECTS["Get-CsNetworkSite"][1])
    mark = "\ufeff" if charset == "utf-16-be" else ""

    assert len(rows(read(tmp_path, mark + text, charset))["network_site"]) == 2


def test_everything_at_once_as_the_script_in_readme_writes_it(tmp_path: Path) -> None:
    network = {
        "MediaBypassSettings": {"AlwaysBypass": False, "EnableDefaultBypassID": True, "Enabled": True},
        "NetworkRegions": OBJECTS["Get-CsNetworkRegion"][1],
        "NetworkSites": OBJECTS["Get-CsNetworkSite"][1],
        "Subnets": OBJECTS["Get-CsNetworkSubnet"][1],
        "BWPolicyProfiles": OBJECTS["Get-CsNetworkBandwidthPolicyProfile"][1],
        "NetworkRegionLinks": [],
        "EnableBandwidthPolicyCheck": False,
    }
    trunk = {"Identity": "PstnGateway:192.168.0.240", "RepresentativeMediaIP": "192.168.0.241"}
    text = powershell.hashtable_clixml(
        {
            "Network": network,
            "TrunkConfiguration": OBJECTS["Get-CsTrunkConfiguration"][1],
            "Gateways": OBJECTS["Get-CsService -PstnGateway"][1],
            "Trunks": [trunk],
            "Media": OBJECTS["Get-CsMediaConfiguration"][1],
            "Sites": OBJECTS["Get-CsNetworkSite"][1],
        }
    )
    found = rows(read(tmp_path, text, "utf-16"))

    assert {name: len(listed) for name, listed in found.items() if listed} == {
        "bypass_settings": 1,
        "network_region": 1,
        "network_site": 2,
        "network_subnet": 2,
        "bandwidth_policy": 2,
        "trunk": 3,
        "gateway": 1,
        "media_configuration": 1,
    }
    assert found["gateway"][0]["RepresentativeMediaIP"] == "192.168.0.241", "two cmdlets tell of one gateway"
    assert found["gateway"][0]["MediationServer"] == "med.contoso.example"


def test_objects_by_reference_and_below_the_depth(tmp_path: Path) -> None:
    """A Ref stands for an object written before; an object deeper than -Depth is only its name, an address is its text."""
    text = """<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
      <Obj RefId="0"><TN RefId="0"><T>System.Object[]</T></TN><LST>
        <Obj RefId="1"><Props><S N="Identity">A</S><S N="NetworkSiteID">A</S><S N="NetworkRegionID">R</S></Props></Obj>
        <Ref RefId="1" />
        <Obj RefId="2"><MS><S N="Identity">PstnGateway:gw_x00e9_1</S>
          <Obj N="RepresentativeMediaIP" RefId="3"><TN RefId="1"><T>System.Net.IPAddress</T></TN><ToString>10.2.0.21</ToString>
            <Props><I64 N="Address">352453130</I64></Props></Obj></MS></Obj>
      </LST></Obj>
    </Objs>"""
    found = rows(read(tmp_path, text))

    assert found["network_site"] == [{"NetworkSiteID": "A", "NetworkRegionID": "R"}]
    assert found["gateway"] == [{"Identity": "gwé1", "RepresentativeMediaIP": "10.2.0.21"}]


def test_lines_lead_to_the_object_in_every_form(tmp_path: Path) -> None:
    things = OBJECTS["Get-CsNetworkSite"][1]
    lines = {}
    for form, (_, write) in FORMS.items():
        configuration = read(tmp_path, write(things))
        lines[form] = [row["line"] for row in configuration.batches[0].rows.to_pylist()]
        text = write(things).splitlines()
        assert all("Hamburg" in "".join(text[second - 1 : second + 3]) for _, second in [lines[form]]), form

    assert lines["Export-Csv"] == [3, 4]
    assert lines["Format-List"] == [3, 9]


def test_subnet_lists_in_the_headings_of_the_bulk_import(tmp_path: Path) -> None:
    found = rows(read(tmp_path, "Identity, Mask, SiteID\r\n172.11.12.0, 24, Redmond\r\n172.11.16.0, 255.255.240.0, Chicago\r\n"))

    assert [(row["SubnetID"], row["MaskBits"], row["NetworkSiteID"]) for row in found["network_subnet"]] == [
        ("172.11.12.0", 24, "Redmond"),
        ("172.11.16.0", 20, "Chicago"),
    ]


def test_numbers_for_words_are_read_and_said_to_be_unconfirmed(tmp_path: Path) -> None:
    trunk = {"Identity": "Global", "EnableBypass": True, "ConcentratedTopology": True, "SRTPMode": 1}
    configuration = read(tmp_path, json.dumps(trunk))

    assert rows(configuration)["trunk"][0]["SRTPMode"] == "Optional"
    assert [warning for warning in configuration.warnings if "SRTPMode" in warning and "unconfirmed" in warning]


CUT = [
    (powershell.clixml(OBJECTS["Get-CsNetworkSite"][1])[:520], ":11: the export ends in the middle, within NetworkSiteID"),
    (powershell.clixml([{"Subnets": OBJECTS["Get-CsNetworkSubnet"][1]}])[:560], "the export ends in the middle, within Subnets"),
    ("<Objs><Obj><Props><S N='Identity'>A</B>", ":1: not readable as CliXML, within Identity: mismatched tag"),
    ("<html><body>Sign in</body></html>", ":1: begins with <html>; Export-Clixml begins with <Objs>"),
    ("<!DOCTYPE Objs [<!ENTITY a 'b'>]><Objs><S>&a;</S></Objs>", ":1: declares a document type"),
    ("<Objs><Ref N='x' RefId='4'/></Objs>", ":1: Ref 4 leads to no object before it"),
    (json.dumps({"NetworkSites": OBJECTS["Get-CsNetworkSite"][1]}, indent=1)[:120], "within NetworkSites"),
    ('"Identity","MaskBits","SiteID"\n"10.0.0.0","16"\n', ":2: 2 values under 3 headings: the row ends before SiteID"),
    ('"Identity","MaskBits","SiteID"\n"10.0.0.0","16","A\n', ":2: not readable as CSV, within Identity …: unexpected end of data"),
    ("Identity  : A\nMaskBits : {10,\n", ":2: MaskBits: the list begins with '{' and does not end"),
    ("Identity  : A\nand some words", ":2: expected 'Name : value' after Identity, found 'and some words'"),
    (
        "NetworkSites       : {NetworkSiteID=A;NetworkRegionID=R, NetworkSiteID=B;NetworkRegionID=R...}\nSubnets            : {}",
        ":1: NetworkSites: the list goes on after item 2, but the file does not",
    ),
    (
        "InterNetworkRegionRouteID : R\nNetworkRegionLinks        : {A, B, C, D...}",
        ":2: NetworkRegionLinks of a route between regions: expected a list of names, all of it, found a list of 4",
    ),
    (
        "BWPolicyProfileID : P\nBWPolicy          : {BWLimit=200;BWPolicyModality=Audio...}",
        ":2: BWPolicy: the list goes on after item 1",
    ),
]


@pytest.mark.parametrize(("text", "words"), CUT)
def test_cut_and_broken_exports_name_line_and_property(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)

    assert str(tmp_path / "export.txt") in caught.value.message
    assert words in caught.value.message, caught.value.message


def test_two_cmdlets_that_contradict_each_other(tmp_path: Path) -> None:
    things = [{"Identity": "PstnGateway:gw1", "RepresentativeMediaIP": ip} for ip in ("10.2.0.21", "10.2.0.22")]

    with pytest.raises(ConfigurationError, match="gateway gw1: given twice"):
        read(tmp_path, json.dumps(things))
