/*
id = "BYP004"
title = "Bypass ID on the wire is not the configured one"
severity = "high"
status = "stable"
subject = "call"
meaning = """
A client or the Mediation Server named a bypass ID in SDP (x-bypassid) that differs from the ID of its place in the configuration. IDs
that the configuration does not spell out, and that siplens made from names, cannot be compared. Judged are calls in which a bypass ID
was seen."""
impact = """
The two ends compare IDs that no longer mean the same place: calls that should bypass are mediated, or the other way round."""
causes = [
    "The client learned its ID at sign-in and has not signed in since the configuration changed.",
    "The Mediation Server has not yet the replicated configuration.",
    "The client's subnet is another one than siplens finds by its media address, as with a VPN or a second adapter.",
    "The configuration imported into siplens is not the one in force.",
]
confirm = [
    "Compare a=x-bypassid in the client's SDP with Get-CsNetworkSite and Get-CsNetworkRegion BypassID.",
    "siplens explain CALL prints both.",
    "Get-CsManagementStoreReplicationStatus: is the Mediation Server up to date?",
]
fix = [
    "Have the client sign out and in.",
    "Wait for, or force, replication of the configuration; restart the Mediation Server where it holds old IDs.",
    "Import the configuration that was in force, with its valid_from date.",
]
falsepositives = [
    "An old export of the configuration.",
]
references = [
    "MS-SDPEXT section 3.1.5.25: x-bypassid",
    "Microsoft: how media bypass works; clients get the ID at sign-in",
]
*/
with

setting as (
    select
        snapshot_id,
        lower(max(bypassid)) as bypass_id
    from bypass_settings
    group by snapshot_id
),

compared as (
    select
        bypass_input.call_no,
        bypass_input.peer_ip,
        bypass_input.configuration_problem,
        lower(bypass_input.wire_client_bypass_id) as wire_client,
        lower(bypass_input.wire_peer_bypass_id) as wire_peer,
        case
            when bypass_input.always_bypass then setting.bypass_id
            when not coalesce(bypass_input.client_id_is_made, false) then lower(bypass_input.client_bypass_id)
        end as set_client,
        case
            when bypass_input.always_bypass then setting.bypass_id
            when not coalesce(bypass_input.peer_id_is_made, false) then lower(bypass_input.peer_bypass_id)
        end as set_peer,
        list_concat(bypass_input.wire_bypass_seen, bypass_input.client_place_evidence, bypass_input.peer_place_evidence) as evidence
    from bypass_input
    left join setting using (snapshot_id)
    where bypass_input.wire_client_bypass_id is not null or bypass_input.wire_peer_bypass_id is not null
),

judged as (
    select
        *,
        case
            when wire_client <> set_client or wire_peer <> set_peer then 'fail'
            when (wire_client is null or set_client is not null) and (wire_peer is null or set_peer is not null) then 'pass'
            else 'unknown'
        end as status
    from compared
)

select
    call_no as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then 'the bypass IDs on the wire are the configured ones'
        when status = 'unknown'
            then
                'bypass IDs were seen, but the configured ones are not known: '
                || coalesce(configuration_problem, 'the configuration names none for these places')
        else concat_ws(
            '; ',
            if(wire_client <> set_client, format('client: {} on the wire, {} configured', wire_client, set_client), null),
            if(wire_peer <> set_peer, format('peer: {} on the wire, {} configured', wire_peer, set_peer), null)
        )
    end as reason,
    evidence
from judged
