/*
criterion = "teams_user_is_near"
title = "The user is where media can go to the SBC directly"
document = "Local Media Optimization for Direct Routing: BypassMode, X-MS-* headers; Get-CsTenantTrustedIPAddress"
requirement = "3 well connected"
judged = """
With BypassMode Always, internal users of any site have direct media; with OnlyForLocalUsers those of the SBC's own site
(GatewaySiteId), others go through the proxy SBC. External users do not. Without Local Media Optimization (BypassMode None) an internal user
reaches the SBC, and for an external one it depends on the way to its public address, which nobody sees here. The values of
the headers are compared as they are written. Where Microsoft sent no X-MS-UserLocation, it is judged as Microsoft documents it:
a user is internal whose outside address (its server-reflexive candidate, or a public media address) is a trusted address of the
tenant, and external where it is none of them; only then does the subnet name the site. Where no outside address was seen, an address in a
configured subnet is internal; a private one that no subnet holds is internal where the tenant has no trusted addresses in the
configuration, else nobody can tell: homes have such addresses too.
"""
*/
with

placed as (
    select
        *,
        case
            when teams_user_location in ('internal', 'external') then teams_user_location
            when trusted_range is not null then 'internal'
            when trusted_ranges > 0 and client_outside_ip is not null then 'external'
            when client_subnet is not null then 'internal'
            when client_is_private and trusted_ranges = 0 then 'internal'
        end as location,
        coalesce(teams_user_site, client_site) as user_site
    from bypass_input
    where mode = 'teams'
)

select
    call_no,
    case
        when configuration_problem is not null or teams_problem is not null or location is null then 'unknown'
        when location = 'external' then if(teams_bypass_mode = 'None', 'unknown', 'fail')
        when teams_bypass_mode <> 'OnlyForLocalUsers' then 'pass'
        when user_site is null or teams_gateway_site is null then 'unknown'
        when user_site = teams_gateway_site then 'pass'
        else 'fail'
    end as outcome,
    concat(
        coalesce(configuration_problem || '; ', teams_problem || '; ', teams_words || '; '),
        case
            when teams_user_location is not null then 'X-MS-UserLocation ' || teams_user_location
            when client_address is null and client_outside_ip is null then 'no X-MS-UserLocation and no address of the user was seen'
            when client_address is null then 'no X-MS-UserLocation was seen'
            else 'no X-MS-UserLocation was seen; the user''s address ' || client_address || ' is ' || client_words
        end,
        case
            when trusted_range is not null then '; it comes out by ' || client_outside_ip || ', trusted address ' || trusted_range
            when trusted_ranges > 0 and client_outside_ip is not null
                then '; it comes out by ' || client_outside_ip || ', which is no trusted address of the tenant'
            when trusted_ranges > 0 and location is null then '; the address by which it comes out was not seen'
        end,
        case when user_site is not null then ', site ' || user_site end,
        case when teams_gateway_site is not null then '; the SBC is in site ' || teams_gateway_site end,
        case when teams_media_path is not null then '; X-MS-MediaPath ' || teams_media_path end
    ) as detail,
    list_concat(teams_mark, outside_seen, trusted_evidence, teams_evidence, client_place_evidence, []) as evidence
from placed
