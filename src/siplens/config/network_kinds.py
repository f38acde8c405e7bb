"""Kinds of the network configuration: settings of media bypass, regions, sites, subnets, policies, links.

A new property is one entry here. Names are Microsoft's (Get-Cs* output); properties that are siplens' own say so in
`siplens.records.configuration`.
"""

from __future__ import annotations

from siplens.config import values
from siplens.config.kind import Kind, ignored
from siplens.records import configuration

_LIMIT = values.whole(0, 2**31 - 1, "a number of kbit/s")

BYPASS_SETTINGS = Kind(
    "media bypass settings",
    "bypass_settings",
    configuration.BYPASS_SETTINGS,
    (),
    {
        "Enabled": values.flag,
        "AlwaysBypass": values.flag,
        "BypassID": values.identifier,
        "EnableDefaultBypassID": values.flag,
        "EnabledForAudioVideoConferences": values.flag,
        "EnableBandwidthPolicyCheck": values.flag,
    },
    ignored=ignored("ExternalBypassMode InternalBypassMode"),
    signs=("alwaysbypass", "enabledefaultbypassid"),
)
REGION = Kind(
    "network region",
    "network_regions",
    configuration.NETWORK_REGION,
    ("NetworkRegionID",),
    {
        "NetworkRegionID": values.text,
        "BypassID": values.identifier,
        "CentralSite": values.text,
        "Description": values.text,
    },
    required=("NetworkRegionID",),
    aliases={"identity": "NetworkRegionID"},
    ignored=ignored("BWAlternatePaths AudioAlternatePath VideoAlternatePath"),
    signs=("networkregionid",),
)
SITE = Kind(
    "network site",
    "network_sites",
    configuration.NETWORK_SITE,
    ("NetworkSiteID",),
    {
        "NetworkSiteID": values.text,
        "NetworkRegionID": values.text,
        "BypassID": values.identifier,
        "BWPolicyProfileID": values.text,
        "Description": values.text,
    },
    required=("NetworkSiteID",),
    aliases={"identity": "NetworkSiteID"},
    ignored=ignored("LocationPolicy LocationPolicyTagID EnableLocationBasedRouting VoiceRoutingPolicy VoiceRoutingPolicyTagID SiteAddress"),
    signs=("networksiteid", "networkregionid"),
)
SUBNET = Kind(
    "network subnet",
    "network_subnets",
    configuration.NETWORK_SUBNET,
    ("SubnetID", "MaskBits"),
    {
        "SubnetID": values.address,
        "MaskBits": values.mask_bits,
        "NetworkSiteID": values.text,
        "Description": values.text,
    },
    required=("SubnetID", "MaskBits"),
    aliases={"identity": "SubnetID", "mask": "MaskBits", "siteid": "NetworkSiteID"},
    ignored=ignored(""),
    signs=("subnetid|identity", "maskbits|mask"),
)
BANDWIDTH_POLICY = Kind(
    "bandwidth policy profile",
    "bandwidth_policies",
    configuration.BANDWIDTH_POLICY,
    ("BWPolicyProfileID", "BWPolicyModality"),
    {
        "BWPolicyProfileID": values.text,
        "BWPolicyModality": values.text,
        "BWLimit": _LIMIT,
        "BWSessionLimit": _LIMIT,
    },
    required=("BWPolicyProfileID",),
    aliases={"identity": "BWPolicyProfileID"},
    ignored=ignored("BWPolicy AudioBWLimit AudioBWSessionLimit VideoBWLimit VideoBWSessionLimit"),
    signs=("bwpolicyprofileid", "bwpolicy"),
)
REGION_LINK = Kind(
    "region link",
    "region_links",
    configuration.REGION_LINK,
    ("NetworkRegionLinkID",),
    {
        "NetworkRegionLinkID": values.text,
        "NetworkRegionID1": values.text,
        "NetworkRegionID2": values.text,
        "BWPolicyProfileID": values.text,
    },
    required=("NetworkRegionLinkID",),
    aliases={"identity": "NetworkRegionLinkID"},
    ignored=ignored(""),
    signs=("networkregionlinkid",),
)
INTER_SITE_POLICY = Kind(
    "inter-site policy",
    "inter_site_policies",
    configuration.INTER_SITE_POLICY,
    ("InterNetworkSitePolicyID",),
    {
        "InterNetworkSitePolicyID": values.text,
        "NetworkSiteID1": values.text,
        "NetworkSiteID2": values.text,
        "BWPolicyProfileID": values.text,
    },
    required=("InterNetworkSitePolicyID",),
    aliases={"identity": "InterNetworkSitePolicyID"},
    ignored=ignored(""),
    signs=("internetworksitepolicyid",),
)
REGION_ROUTE = Kind(
    "route between regions",
    "region_routes",
    configuration.REGION_ROUTE,
    ("InterNetworkRegionRouteID",),
    {
        "InterNetworkRegionRouteID": values.text,
        "NetworkRegionID1": values.text,
        "NetworkRegionID2": values.text,
        "NetworkRegionLinks": values.names,
    },
    required=("InterNetworkRegionRouteID",),
    aliases={"identity": "InterNetworkRegionRouteID", "networkregionlinkids": "NetworkRegionLinks"},
    ignored=ignored(""),
    signs=("internetworkregionrouteid",),
)
