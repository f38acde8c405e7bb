/*
criterion = "client_is_internal"
title = "The client is inside the enterprise network"
document = "Plan for media bypass in Skype for Business Server; MS-SIPREGE internalBypassMode and externalBypassMode (reserved, Off)"
requirement = "3 well connected"
judged = """
In this order: what the client says itself (ms-endpoint-location-data) counts most; media addressed to a relay may
belong to a client inside or outside, so that alone tells nothing; an address in a configured subnet is inside; a
private address (RFC 1918, RFC 3927, RFC 4193, link-local, loopback) with no word to the contrary is inside, as an engineer would
take it: an external client's media reaches the Mediation Server through the edge, so its SDP names the relay. A public
address in no configured subnet is outside where subnets are configured; where none are, nobody can tell.
"""
*/
select
    call_no,
    case
        when contains(lower(ms_location), 'internet') or contains(lower(ms_location), 'extranet') then 'fail'
        when contains(lower(ms_location), 'intranet') then 'pass'
        when client_subnet is not null and coalesce(client_media_role, '') <> 'relay' then 'pass'
        when client_media_role = 'relay' or client_address is null then 'unknown'
        when client_is_private then 'pass'
        when client_family is not null and subnets > 0 then 'fail'
        else 'unknown'
    end as outcome,
    case
        when
            contains(lower(ms_location), 'internet') or contains(lower(ms_location), 'extranet') or contains(lower(ms_location), 'intranet')
            then 'the client says ' || ms_location
        when client_media_role = 'relay' then 'the client''s SDP names a relay, which clients inside and outside may do'
        when client_subnet is not null then 'client ' || client_address || ' is in the configured subnet ' || client_subnet
        when client_address is null then 'the client''s address was not seen'
        when client_is_private then 'client ' || client_address || ' is a private address, and nothing says that it is outside'
        when client_family is not null and subnets > 0 then 'client ' || client_address || ' is a public address in no configured subnet'
        else 'client ' || client_address || ' is a public address, and no subnets are configured to tell inside from outside'
    end as detail,
    list_concat(
        client_mark,
        if(client_subnet is null, [], client_place_evidence),
        client_sdp_seen
    ) as evidence
from bypass_input
where mode = 'server'
