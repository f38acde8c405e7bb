/*
criterion = "teams_user_is_near"
title = "The user is where media can go to the SBC directly"
document = "Local Media Optimization for Direct Routing: BypassMode, X-MS-UserLocation, X-MS-UserSite, X-MS-MediaPath"
requirement = "3 well connected"
judged = """
With BypassMode Always, internal users of any site have direct media; with OnlyForLocalUsers those of the SBC's own site
(GatewaySiteId), others go through the proxy SBC. External users do not. Without Local Media Optimization (BypassMode None) an internal user
reaches the SBC, and for an external one it depends on the way to its public address, which nobody sees here. The values of
the headers are compared as they are written. Where Microsoft sent no X-MS-UserLocation, the user's address decides: an address in a
configured subnet or trusted range, or a private one, is internal.
"""
*/
select
    call_no,
    case
        when configuration_problem is not null or teams_problem is not null then 'unknown'
        when teams_user_location = 'external' and teams_bypass_mode <> 'None' then 'fail'
        when teams_user_location = 'external' then 'unknown'
        when teams_user_location = 'internal' or client_subnet is not null or client_is_private
            then case
                when teams_bypass_mode <> 'OnlyForLocalUsers' then 'pass'
                when coalesce(teams_user_site, client_site) is null or teams_gateway_site is null then 'unknown'
                when coalesce(teams_user_site, client_site) = teams_gateway_site then 'pass'
                else 'fail'
            end
        else 'unknown'
    end as outcome,
    concat(
        coalesce(configuration_problem || '; ', teams_problem || '; ', teams_words || '; '),
        case
            when teams_user_location is not null then 'X-MS-UserLocation ' || teams_user_location
            when client_address is null then 'no X-MS-UserLocation and no address of the user was seen'
            else 'no X-MS-UserLocation was seen; the user''s address ' || client_address || ' is ' || client_words
        end,
        case when coalesce(teams_user_site, client_site) is not null then ', site ' || coalesce(teams_user_site, client_site) end,
        case when teams_gateway_site is not null then '; the SBC is in site ' || teams_gateway_site end,
        case when teams_media_path is not null then '; X-MS-MediaPath ' || teams_media_path end
    ) as detail,
    list_concat(teams_mark, teams_evidence, client_place_evidence, []) as evidence
from bypass_input
where mode = 'teams'
