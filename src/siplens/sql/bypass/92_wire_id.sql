/* One row per call with a bypass ID in its SDP: what client and Mediation Server named, against what the configuration says. */
create or replace view bypass_wire_id as
select
    bypass_input.call_no,
    bypass_input.wire_client_bypass_id,
    bypass_input.wire_peer_bypass_id,
    bypass_input.client_bypass_id,
    bypass_input.peer_bypass_id,
    case
        when bypass_input.wire_client_bypass_id is null or bypass_input.client_bypass_id is null or bypass_input.client_id_is_made
            then 'unknown'
        when bypass_input.wire_client_bypass_id = bypass_input.client_bypass_id then 'agrees'
        else 'differs'
    end as client_agreement,
    case
        when bypass_input.wire_peer_bypass_id is null or bypass_input.peer_bypass_id is null or bypass_input.peer_id_is_made then 'unknown'
        when bypass_input.wire_peer_bypass_id = bypass_input.peer_bypass_id then 'agrees'
        else 'differs'
    end as peer_agreement,
    bypass_input.wire_bypass_seen as evidence
from bypass_input
where bypass_input.wire_client_bypass_id is not null or bypass_input.wire_peer_bypass_id is not null;

comment on view bypass_wire_id is 'One row per call with a bypass ID in its SDP: the wire against the configuration.';
comment on column bypass_wire_id.call_no is 'call.call_no.';
comment on column bypass_wire_id.wire_client_bypass_id is 'x-bypassid that the client sent.';
comment on column bypass_wire_id.wire_peer_bypass_id is 'x-bypassid that the Mediation Server sent to the client, the peer''s.';
comment on column bypass_wire_id.client_bypass_id is 'Bypass ID of the client''s place in the configuration.';
comment on column bypass_wire_id.peer_bypass_id is 'Bypass ID of the peer''s place.';
comment on column bypass_wire_id.client_agreement is 'agrees, differs, or unknown: one of the two is not there, or was made from a name.';
comment on column bypass_wire_id.peer_agreement is 'The same of the peer.';
comment on column bypass_wire_id.evidence is 'Where the first x-bypassid was seen.';
