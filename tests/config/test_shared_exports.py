"""Real output of the cmdlets, from Microsoft's documentation, where the folder of shared data is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.config import read_configuration

from .test_export_forms import rows

EXPECTED = {
    "Get-CsNetworkBandwidthPolicyProfile.txt": {
        "bandwidth_policy": [
            {"BWPolicyProfileID": "RedmondBandwidthPolicy", "BWPolicyModality": "Audio", "BWLimit": 200, "BWSessionLimit": 200},
            {"BWPolicyProfileID": "RedmondBandwidthPolicy", "BWPolicyModality": "Video", "BWLimit": 1400, "BWSessionLimit": 500},
        ]
    },
    "Get-CsNetworkRegion.txt": {
        "network_region": [
            {
                "NetworkRegionID": "Pacific Northwest",
                "BypassID": "3b232b84-2c1d-4da2-8181-e9330bafebe9",
                "CentralSite": "Site:Redmond1",
            }
        ]
    },
    "Get-CsNetworkRegionLink.txt": {
        "region_link": [
            {"NetworkRegionLinkID": "NorthwestToCalifornia", "NetworkRegionID1": "Pacific Northwest", "NetworkRegionID2": "California"}
        ]
    },
    "Get-CsNetworkSite.txt": {
        "network_site": [
            {"NetworkSiteID": "Redmond", "NetworkRegionID": "Pacific Northwest", "BypassID": "3b232b84-2c1d-4da2-8181-e9330bafebe9"}
        ]
    },
    "Get-CsTrunkConfiguration.txt": {
        "trunk": [
            {
                "Identity": "Global",
                "EnableBypass": False,
                "ConcentratedTopology": True,
                "EnableReferSupport": True,
                "RTCPActiveCalls": True,
                "RTCPCallsOnHold": True,
                "MaxEarlyDialogs": 20,
                "SRTPMode": "Required",
                "EnableSessionTimer": False,
                "EnableFastFailoverTimer": True,
                "EnableRTPLatching": False,
            }
        ]
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_output_in_the_documentation(shared_data: Path, name: str) -> None:
    configuration = read_configuration(shared_data / "powershell" / name)

    assert configuration.format == "format-list"
    assert configuration.warnings == ()
    assert rows(configuration) == EXPECTED[name]


def test_the_subnet_in_the_documentation(shared_data: Path) -> None:
    (subnet,) = rows(read_configuration(shared_data / "powershell" / "Get-CsNetworkSubnet.txt"))["network_subnet"]

    assert (subnet["SubnetID"], subnet["MaskBits"], subnet["NetworkSiteID"]) == ("172.11.15.0", 28, "Redmond")
