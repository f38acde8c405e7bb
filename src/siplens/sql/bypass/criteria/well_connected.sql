/*
criterion = "well_connected"
title = "Client and peer are well connected: they have the same bypass ID"
document = "Technical requirements for media bypass in Lync Server 2013, requirement 3; How media bypass works (2010)"
requirement = "3 well connected"
judged = """
Always Bypass: all subnets share one ID. Site and region information: the IDs of client and peer are compared. A subnet
in no site has no ID, unless EnableDefaultBypassID gives it that of the settings. Two addresses without an ID are not
well connected. Bypass is decided before call admission control: where it applies, the call is not counted there.
"""
*/
with

judged as (
    select
        *,
        case
            when configuration_problem is not null then configuration_problem
            when not has_settings then 'the media bypass settings are not in the configuration'
            when always_bypass then null
            when subnets = 0 then 'no network subnets are in the configuration'
            when client_address is null then 'the client''s address was not seen'
            when location_ip is null then 'the peer''s address was not seen'
            when client_problem is not null and client_bypass_id is null then 'client ' || client_address || ': ' || client_problem
            when peer_problem is not null and peer_bypass_id is null then 'peer ' || location_ip || ': ' || peer_problem
        end as problem
    from bypass_input
    where mode = 'server'
)

select
    call_no,
    case
        when problem is not null then 'unknown'
        when always_bypass then 'pass'
        when client_bypass_id = peer_bypass_id then 'pass'
        else 'fail'
    end as outcome,
    case
        when problem is not null then problem
        when always_bypass
            then
                'Always Bypass: all subnets share one bypass ID'
                || if(admission_control, '; not allowed together with call admission control, which is on', '')
        else concat(
            'client ', client_address, if(client_address_kind = 'media address', '', ' (' || client_address_kind || ')'), ' ', client_words,
            ', bypass ID ', coalesce(client_bypass_id, '(none)'),
            if(client_subnet is null and client_bypass_id is not null, ' (EnableDefaultBypassID)', ''),
            '; peer ', location_ip, if(representative_media_ip is null, '', ' (RepresentativeMediaIP)'), ' ', peer_words,
            ', bypass ID ', coalesce(peer_bypass_id, '(none)'),
            if(peer_subnet is null and peer_bypass_id is not null, ' (EnableDefaultBypassID)', ''),
            if(peer_media_ip <> location_ip, '; the peer''s SDP names ' || peer_media_ip || ', which does not count', ''),
            case
                when not admission_control then ''
                when client_bypass_id = peer_bypass_id then '; bypass is decided first: call admission control does not count this call'
                else '; call admission control counts this call'
            end
        )
    end as detail,
    if(
        always_bypass,
        coalesce(settings_evidence, []),
        list_concat(settings_evidence, client_place_evidence, peer_place_evidence, gateway_evidence)
    ) as evidence
from judged
