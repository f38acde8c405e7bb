"""Kinds of what media goes to and comes from: Mediation Servers, gateways, trunks, their encryption, Direct Routing, vendors.

A new property is one entry here. Names are Microsoft's (Get-Cs* output); properties that are siplens' own say so in
`siplens.records.configuration`.
"""

from __future__ import annotations

from siplens.config import values
from siplens.config.kind import Kind, ignored
from siplens.records import configuration

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
    ignored=ignored(
        "Registrar Routable Default GatewaySipClientTcpPort GatewaySipClientTlsPort DependentServiceList ServiceId "
        "Version Role EnableReferSupport Gateway GatewayPoolFqdn ServerCertificateNames"
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
        "SRTPMode": values.OneOf("Required", "Optional", "NotSupported"),
        "EnableSessionTimer": values.flag,
        "EnableFastFailoverTimer": values.flag,
        "EnableRTPLatching": values.flag,
        "Transport": values.OneOf("tls", "tcp"),
    },
    required=("Identity",),
    ignored=ignored(
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
        "EncryptionLevel": values.OneOf("SupportEncryption", "RequireEncryption", "DoNotSupportEncryption"),
    },
    ignored=ignored(
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
    ignored=ignored(""),
)

TEAMS_GATEWAY = Kind(
    "Direct Routing gateway",
    "teams_gateways",
    configuration.TEAMS_GATEWAY,
    ("Identity",),
    {
        "Identity": values.text,
        "addresses": values.addresses,
        "Enabled": values.flag,
        "MediaBypass": values.flag,
        "BypassMode": values.OneOf("None", "Always", "OnlyForLocalUsers"),
        "ProxySbc": values.text,
        "GatewaySiteId": values.text,
        "SipSignalingPort": values.whole(0, 65535, "a port"),
        "IPAddressVersion": values.text,
        "MediaRelayRoutingLocationOverride": values.text,
    },
    required=("Identity",),
    aliases={"fqdn": "Identity", "sipsignallingport": "SipSignalingPort"},
    ignored=ignored(
        "Fqdn GatewaySiteLbrEnabled GatewayLbrEnabledUserOverride FailoverTimeSeconds FailoverResponseCodes ForwardPai ForwardCallHistory "
        "SendSipOptions MaxConcurrentSessions PidfLoSupported GenerateRingingWhileLocatingUser InboundPstnNumberTranslationRules "
        "InboundTeamsNumberTranslationRules OutboundPstnNumberTranslationRules OutboundTeamsNumberTranslationRules"
    ),
    signs=("identity|fqdn", "mediabypass"),
)
TRUSTED_IP = Kind(
    "trusted address",
    "trusted_ips",
    configuration.TRUSTED_IP,
    ("IPAddress", "MaskBits"),
    {"IPAddress": values.address, "MaskBits": values.mask_bits, "Description": values.text},
    required=("IPAddress", "MaskBits"),
    ignored=ignored(""),
    signs=("ipaddress", "maskbits"),
)
VENDOR = Kind(
    "vendor",
    "vendors",
    configuration.VENDOR,
    ("Vendor",),
    {
        "Vendor": values.text,
        "Match": values.text,
        "MaxEarlyDialogs": values.whole(0, 2**31 - 1, "a number of early dialogs"),
        "Behaviour": values.text,
        "Document": values.text,
    },
    required=("Vendor",),
)
RELAY_RANGE = Kind(
    "relay range",
    "relay_ranges",
    configuration.RELAY_RANGE,
    ("SubnetID", "MaskBits"),
    {"SubnetID": values.address, "MaskBits": values.mask_bits, "Role": values.OneOf("relay", "media processor"), "Document": values.text},
    required=("SubnetID", "MaskBits"),
)
