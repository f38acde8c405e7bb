"""The kinds of configuration objects: their properties, the raw table each fills, how an export is recognised.

A new property is one entry here; a new kind is one `Kind`. Names are Microsoft's (Get-Cs* output); properties that are
siplens' own say so in `siplens.records.configuration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from siplens.config import values
from siplens.config.values import Reader
from siplens.records import Table, configuration

_SESSIONS = values.whole(0, 2**31 - 1, "a number of kbit/s")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object."""

    title: str
    """As messages name it."""
    section: str
    """Name of its list (or object) in the plain file."""
    table: Table
    identity: tuple[str, ...]
    """Columns that name one object; two objects of one name are an error. Empty: there is only one object."""
    readers: Mapping[str, Reader]
    """Column and how its value is read."""
    required: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names under which exports write a column, in lower case."""
    ignored: frozenset[str] = frozenset()
    """Microsoft's properties that siplens does not use, in lower case: known, so that they are no misspellings."""
    signs: tuple[str, ...] = ()
    """Properties of which an exported object has all, by which its kind is recognised; in lower case."""

    @property
    def names(self) -> dict[str, str]:
        """Column by every lower-case name that stands for it."""
        return {column.lower(): column for column in self.readers} | dict(self.aliases)


def _ignored(names: str) -> frozenset[str]:
    """Names in lower case. What every exported object carries is added: where it was stored, its own name again."""
    everywhere = "identity description element anchor key scopeclass xsanyelements xsanyattributes pscomputername"
    return frozenset(f"{everywhere} {names}".lower().split())


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
    ignored=_ignored("ExternalBypassMode InternalBypassMode"),
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
    ignored=_ignored("BWAlternatePaths AudioAlternatePath VideoAlternatePath"),
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
    ignored=_ignored(
        "LocationPolicy LocationPolicyTagID EnableLocationBasedRouting VoiceRoutingPolicy VoiceRoutingPolicyTagID SiteAddress"
    ),
    signs=("networksiteid", "networkregionid"),
)
SUBNET = Kind(
    "network subnet",
    "network_subnets",
    configuration.NETWORK_SUBNET,
    ("first_num", "MaskBits"),
    {
        "SubnetID": values.address,
        "MaskBits": values.whole(1, 128, "a prefix length"),
        "NetworkSiteID": values.text,
        "Description": values.text,
    },
    required=("SubnetID", "MaskBits"),
    aliases={"identity": "SubnetID", "mask": "MaskBits", "siteid": "NetworkSiteID"},
    ignored=_ignored(""),
    signs=("subnetid", "maskbits"),
)
BANDWIDTH_POLICY = Kind(
    "bandwidth policy profile",
    "bandwidth_policies",
    configuration.BANDWIDTH_POLICY,
    ("BWPolicyProfileID", "BWPolicyModality"),
    {
        "BWPolicyProfileID": values.text,
        "BWPolicyModality": values.text,
        "BWLimit": _SESSIONS,
        "BWSessionLimit": _SESSIONS,
    },
    required=("BWPolicyProfileID",),
    aliases={"identity": "BWPolicyProfileID"},
    ignored=_ignored("BWPolicy AudioBWLimit AudioBWSessionLimit VideoBWLimit VideoBWSessionLimit"),
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
    ignored=_ignored(""),
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
    ignored=_ignored(""),
    signs=("internetworksitepolicyid",),
)
GATEWAY = Kind(
    "gateway",
    "gateways",
    configuration.GATEWAY,
    ("Identity",),
    {
        "Identity": values.peer_name,
        "addresses": values.addresses,
        "media_addresses": values.addresses,
        "RepresentativeMediaIP": values.address,
        "MediationServer": values.server_name,
        "AlternateByPassId": values.identifier,
        "PoolFqdn": values.text,
        "SiteId": values.site_name,
        "Vendor": values.text,
        "MaxEarlyDialogs": values.whole(0, 2**31 - 1, "a number of early dialogs"),
        "AcceptsDirectMedia": values.flag,
    },
    required=("Identity",),
    ignored=_ignored(
        "Registrar Routable Default GatewaySipClientTcpPort GatewaySipClientTlsPort DependentServiceList ServiceId "
        "Version Role EnableReferSupport"
    ),
    signs=("identity", "representativemediaip"),
)
TRUNK = Kind(
    "trunk configuration",
    "trunks",
    configuration.TRUNK,
    ("Identity",),
    {
        "Identity": values.trunk_scope,
        "EnableBypass": values.flag,
        "ConcentratedTopology": values.flag,
        "EnableReferSupport": values.flag,
        "RTCPActiveCalls": values.flag,
        "RTCPCallsOnHold": values.flag,
        "MaxEarlyDialogs": values.whole(0, 2**31 - 1, "a number of early dialogs"),
        "SRTPMode": values.one_of("Required", "Optional", "NotSupported"),
        "EnableSessionTimer": values.flag,
        "EnableFastFailoverTimer": values.flag,
        "EnableRTPLatching": values.flag,
        "Transport": values.one_of("tls", "tcp"),
    },
    required=("Identity",),
    ignored=_ignored(
        "OutboundTranslationRulesList OutboundCallingNumberTranslationRulesList SipResponseCodeTranslationRulesList "
        "PstnUsages EnableMobileTrunkSupport EnableSignalBoost RemovePlusFromUri EnablePIDFLOSupport EnableOnlineVoice "
        "ForwardCallHistory Enable3pccRefer ForwardPAI EnableLocationRestriction NetworkSiteID "
        "ForwardAnonymousCallGatewayPAI AcceptGatewayPAIForOutboundCalls EnablePAIPassthrough"
    ),
    signs=("enablebypass", "concentratedtopology"),
)
MEDIA_CONFIGURATION = Kind(
    "media configuration",
    "media_configuration",
    configuration.MEDIA_CONFIGURATION,
    ("Identity",),
    {
        "Identity": values.text,
        "EncryptionLevel": values.one_of("SupportEncryption", "RequireEncryption", "DoNotSupportEncryption"),
    },
    ignored=_ignored(
        "EnableRtpRtcpMultiplexing EnableSiren EnableG722StereoCodec EnableH264Codec EnableH264StdCodec EnableQoS "
        "EnableAdaptiveBandWidthEstimation EnableInCallQoS InCallQoSIntervalSeconds MaxVideoRateAllowed "
        "EnableVideoBasedSharing"
    ),
    signs=("encryptionlevel",),
)
MEDIATION_SERVER = Kind(
    "Mediation Server",
    "mediation_servers",
    configuration.MEDIATION_SERVER,
    ("address", "pool"),
    {"address": values.address, "pool": values.server_name},
    aliases={"identity": "pool", "poolfqdn": "pool"},
    ignored=_ignored(""),
)

KINDS: tuple[Kind, ...] = (
    MEDIATION_SERVER,
    BYPASS_SETTINGS,
    REGION,
    SITE,
    SUBNET,
    BANDWIDTH_POLICY,
    REGION_LINK,
    INTER_SITE_POLICY,
    GATEWAY,
    TRUNK,
    MEDIA_CONFIGURATION,
)
SECTIONS = {kind.section: kind for kind in KINDS}

NETWORK_PARTS: Mapping[str, Kind] = {
    "mediabypasssettings": BYPASS_SETTINGS,
    "bwpolicyprofiles": BANDWIDTH_POLICY,
    "networkregions": REGION,
    "networkregionlinks": REGION_LINK,
    "networksites": SITE,
    "internetworksitepolicies": INTER_SITE_POLICY,
    "subnets": SUBNET,
}
"""Parts of the one object that Get-CsNetworkConfiguration returns, by lower-case property name."""

BY_SIGNS: tuple[Kind, ...] = (
    TRUNK,
    MEDIA_CONFIGURATION,
    BYPASS_SETTINGS,
    SUBNET,
    REGION_LINK,
    INTER_SITE_POLICY,
    BANDWIDTH_POLICY,
    SITE,
    GATEWAY,
    REGION,
)
"""Order of recognition: what holds the names of others (a site names its region) comes before those others."""
