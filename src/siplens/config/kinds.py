"""The kinds of configuration objects, and how an export's objects are told apart. A new kind is one `Kind`, listed here."""

from __future__ import annotations

from collections.abc import Mapping

from siplens.config.kind import Kind
from siplens.config.network_kinds import (
    BANDWIDTH_POLICY,
    BYPASS_SETTINGS,
    INTER_SITE_POLICY,
    REGION,
    REGION_LINK,
    REGION_ROUTE,
    SITE,
    SUBNET,
)
from siplens.config.trunk_kinds import (
    GATEWAY,
    MEDIA_CONFIGURATION,
    MEDIATION_SERVER,
    RELAY_RANGE,
    TEAMS_GATEWAY,
    TRUNK,
    TRUSTED_IP,
    VENDOR,
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
    REGION_ROUTE,
    GATEWAY,
    TRUNK,
    MEDIA_CONFIGURATION,
    TEAMS_GATEWAY,
    TRUSTED_IP,
    VENDOR,
    RELAY_RANGE,
)
SUPPLEMENTS = frozenset({VENDOR.section, RELAY_RANGE.section})
"""Parts of the plain file that add to a configuration: a file of nothing else takes the rest from the snapshot before."""
SECTIONS = {kind.section: kind for kind in KINDS}

NETWORK_PARTS: Mapping[str, Kind] = {
    "mediabypasssettings": BYPASS_SETTINGS,
    "bwpolicyprofiles": BANDWIDTH_POLICY,
    "networkregions": REGION,
    "networkregionlinks": REGION_LINK,
    "networksites": SITE,
    "internetworksitepolicies": INTER_SITE_POLICY,
    "internetworkregionroutes": REGION_ROUTE,
    "subnets": SUBNET,
}
"""Parts of the one object that Get-CsNetworkConfiguration returns, by lower-case property name."""

BY_SIGNS: tuple[Kind, ...] = (
    TRUNK,
    MEDIA_CONFIGURATION,
    BYPASS_SETTINGS,
    TRUSTED_IP,
    SUBNET,
    REGION_ROUTE,
    REGION_LINK,
    INTER_SITE_POLICY,
    TEAMS_GATEWAY,
    BANDWIDTH_POLICY,
    SITE,
    GATEWAY,
    REGION,
)
"""Order of recognition: what holds the names of others (a site names its region) comes before those others."""
