"""Tables of configuration, in the property names of the Get-Cs* cmdlets. `line` is the line in the file, from 1: evidence.

A property that the file left out is NULL here; Microsoft's defaults are applied in SQL (sql/bypass), where one can see them.
"""

from siplens.records.table import BOOL, INT, LONG, TEXT, TEXTS, Table, columns

_LINE = ("line", LONG, "Line in the configuration file where the object begins, from 1.")

MEDIATION_SERVER = Table(
    "mediation_server",
    "One row per Mediation Server address.",
    columns(("address", TEXT, "Address, canonical text."), ("pool", TEXT, "Pool or machine name, or NULL."), _LINE),
)
BYPASS_SETTINGS = Table(
    "bypass_settings",
    "One row per snapshot: MediaBypassSettings of Get-CsNetworkConfiguration.",
    columns(
        ("Enabled", BOOL, "Global switch. Default False."),
        ("AlwaysBypass", BOOL, "True: all subnets share one bypass ID. Default False; ignored while Enabled is False."),
        ("BypassID", TEXT, "The ID of Always Bypass, and of unlisted subnets with EnableDefaultBypassID."),
        ("EnableDefaultBypassID", BOOL, "True: subnets in no site take BypassID. Default False."),
        ("EnabledForAudioVideoConferences", BOOL, "Default False."),
        ("EnableBandwidthPolicyCheck", BOOL, "Call admission control of the network configuration. Default False."),
        _LINE,
    ),
)
NETWORK_REGION = Table(
    "network_region",
    "One row per network region.",
    columns(
        ("NetworkRegionID", TEXT, "Name."),
        ("BypassID", TEXT, "Bypass ID; made from the name where the file has none."),
        ("CentralSite", TEXT, "Central site."),
        ("Description", TEXT, "Description."),
        _LINE,
    ),
)
NETWORK_SITE = Table(
    "network_site",
    "One row per network site.",
    columns(
        ("NetworkSiteID", TEXT, "Name."),
        ("NetworkRegionID", TEXT, "Region it belongs to."),
        ("BypassID", TEXT, "Bypass ID; NULL where the file has none (SQL then takes the region's, or makes one if constrained)."),
        ("BWPolicyProfileID", TEXT, "Bandwidth policy: present, whatever its value, means a constrained WAN link."),
        ("Description", TEXT, "Description."),
        _LINE,
    ),
)
NETWORK_SUBNET = Table(
    "network_subnet",
    "One row per subnet.",
    columns(
        ("SubnetID", TEXT, "First address of the range, canonical text."),
        ("MaskBits", INT, "Prefix length."),
        ("NetworkSiteID", TEXT, "Site it belongs to."),
        ("Description", TEXT, "Description."),
        ("first_num", TEXT, "First address as 32 hexadecimal digits, IPv4 as ::ffff:a.b.c.d: sorts and compares as a number."),
        ("last_num", TEXT, "Last address, in the same form."),
        _LINE,
    ),
)
BANDWIDTH_POLICY = Table(
    "bandwidth_policy",
    "One row per bandwidth policy profile and modality.",
    columns(
        ("BWPolicyProfileID", TEXT, "Name."),
        ("BWPolicyModality", TEXT, "Audio or Video; NULL where the file gives only the name."),
        ("BWLimit", LONG, "Limit, kbit/s."),
        ("BWSessionLimit", LONG, "Limit of one session, kbit/s."),
        _LINE,
    ),
)
REGION_LINK = Table(
    "region_link",
    "One row per link between two regions.",
    columns(
        ("NetworkRegionLinkID", TEXT, "Name."),
        ("NetworkRegionID1", TEXT, "One region."),
        ("NetworkRegionID2", TEXT, "The other."),
        ("BWPolicyProfileID", TEXT, "Bandwidth policy."),
        _LINE,
    ),
)
INTER_SITE_POLICY = Table(
    "inter_site_policy",
    "One row per policy between two sites.",
    columns(
        ("InterNetworkSitePolicyID", TEXT, "Name."),
        ("NetworkSiteID1", TEXT, "One site."),
        ("NetworkSiteID2", TEXT, "The other."),
        ("BWPolicyProfileID", TEXT, "Bandwidth policy."),
        _LINE,
    ),
)
GATEWAY = Table(
    "gateway",
    "One row per gateway, IP-PBX or SBC.",
    columns(
        ("Identity", TEXT, "Name or FQDN, without the PstnGateway: prefix."),
        ("addresses", TEXTS, "Signalling addresses, canonical text."),
        ("media_addresses", TEXTS, "Media addresses besides RepresentativeMediaIP, where the file names them."),
        ("RepresentativeMediaIP", TEXT, "Address that bypass is computed from; NULL: the signalling address."),
        ("MediationServer", TEXT, "Mediation Server or pool that the trunk ends on."),
        ("AlternateByPassId", TEXT, "AlternateByPassId."),
        ("PoolFqdn", TEXT, "Machine name of the gateway, where it differs from the trunk's name."),
        ("SiteId", TEXT, "Site of the topology, without Site:. A trunk configuration of that scope applies."),
        ("Vendor", TEXT, "Vendor or product as the file says; siplens' own property."),
        ("MaxEarlyDialogs", INT, "Early dialogs that the vendor says the peer can take; siplens' own property."),
        ("AcceptsDirectMedia", BOOL, "False: the peer takes media from the Mediation Server only; siplens' own property."),
        _LINE,
    ),
)
TRUNK = Table(
    "trunk",
    "One row per trunk configuration (Get-CsTrunkConfiguration).",
    columns(
        ("Identity", TEXT, "Scope: Global, Site:name, or Service:PstnGateway:name."),
        ("EnableBypass", BOOL, "Bypass on this trunk. Default False."),
        ("ConcentratedTopology", BOOL, "Default True."),
        ("EnableReferSupport", BOOL, "Default True."),
        ("RTCPActiveCalls", BOOL, "Default True."),
        ("RTCPCallsOnHold", BOOL, "Default True."),
        ("MaxEarlyDialogs", INT, "Forked responses that the peer can take to its own INVITE. Default 20."),
        ("SRTPMode", TEXT, "Required, Optional or NotSupported. Default Required."),
        ("EnableSessionTimer", BOOL, "Default False."),
        ("EnableFastFailoverTimer", BOOL, "Default True."),
        ("EnableRTPLatching", BOOL, "Default False."),
        ("Transport", TEXT, "tls or tcp; siplens' own property, NULL where the file does not say."),
        _LINE,
    ),
)
MEDIA_CONFIGURATION = Table(
    "media_configuration",
    "One row per media configuration (Get-CsMediaConfiguration).",
    columns(
        ("Identity", TEXT, "Global, or a scope."),
        ("EncryptionLevel", TEXT, "SupportEncryption, RequireEncryption or DoNotSupportEncryption. Default RequireEncryption."),
        _LINE,
    ),
)

REGION_ROUTE = Table(
    "region_route",
    "One row per route between two regions (Get-CsNetworkInterRegionRoute).",
    columns(
        ("InterNetworkRegionRouteID", TEXT, "Name."),
        ("NetworkRegionID1", TEXT, "One region."),
        ("NetworkRegionID2", TEXT, "The other."),
        ("NetworkRegionLinks", TEXTS, "Names of the region links on the way."),
        _LINE,
    ),
)
TEAMS_GATEWAY = Table(
    "teams_gateway",
    "One row per SBC of Teams Direct Routing (Get-CsOnlinePSTNGateway).",
    columns(
        ("Identity", TEXT, "FQDN of the SBC."),
        ("addresses", TEXTS, "Signalling addresses, canonical text; siplens' own property."),
        ("Enabled", BOOL, "Whether the SBC is in use. Default False."),
        ("MediaBypass", BOOL, "Media bypass on this SBC. Default False."),
        ("BypassMode", TEXT, "Local Media Optimization: None, Always or OnlyForLocalUsers. Default None."),
        ("ProxySbc", TEXT, "Proxy SBC of Local Media Optimization."),
        ("GatewaySiteId", TEXT, "Network site of the SBC."),
        ("SipSignalingPort", INT, "Port that the SBC listens on."),
        ("IPAddressVersion", TEXT, "IPv4 or IPv6; IPv6 only without media bypass."),
        ("MediaRelayRoutingLocationOverride", TEXT, "Country whose relays media takes."),
        _LINE,
    ),
)
TRUSTED_IP = Table(
    "trusted_ip",
    "One row per trusted address range of the tenant (Get-CsTenantTrustedIPAddress): the enterprise's own public addresses.",
    columns(
        ("IPAddress", TEXT, "First address of the range, canonical text."),
        ("MaskBits", INT, "Prefix length."),
        ("Description", TEXT, "Description."),
        ("first_num", TEXT, "First address as 32 hexadecimal digits, as in network_subnet."),
        ("last_num", TEXT, "Last address, in the same form."),
        _LINE,
    ),
)
VENDOR = Table(
    "vendor",
    "One row per vendor that the user's file describes; it goes before siplens' own list (known_vendor). siplens' own kind.",
    columns(
        ("Vendor", TEXT, "Name."),
        ("Match", TEXT, "Text found in the gateway's Vendor or in its User-Agent, whatever the case; NULL: the name."),
        ("MaxEarlyDialogs", INT, "Early dialogs that the vendor says its products take for one INVITE; NULL where not known."),
        ("Behaviour", TEXT, "What is known of its handling of forks."),
        ("Document", TEXT, "Where that is written."),
        _LINE,
    ),
)
RELAY_RANGE = Table(
    "relay_range",
    "One row per address range of Microsoft's media relays that the user's file gives; any such row replaces siplens' own list "
    "(known_relay). siplens' own kind.",
    columns(
        ("SubnetID", TEXT, "First address of the range, canonical text."),
        ("MaskBits", INT, "Prefix length."),
        ("Role", TEXT, "relay or media processor; NULL: either."),
        ("Document", TEXT, "Where that is written."),
        ("first_num", TEXT, "First address as 32 hexadecimal digits, as in network_subnet."),
        ("last_num", TEXT, "Last address, in the same form."),
        _LINE,
    ),
)

RAW = (
    MEDIATION_SERVER,
    BYPASS_SETTINGS,
    NETWORK_REGION,
    NETWORK_SITE,
    NETWORK_SUBNET,
    BANDWIDTH_POLICY,
    REGION_LINK,
    INTER_SITE_POLICY,
    REGION_ROUTE,
    GATEWAY,
    TRUNK,
    MEDIA_CONFIGURATION,
    TEAMS_GATEWAY,
    TRUSTED_IP,
    VENDOR,
    RELAY_RANGE,
)
