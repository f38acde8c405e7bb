/* One row: the bypass IDs of the call $call_no on the wire against the configured ones, and the product's own word;
   NULL where there is none. */
select
    bypass_wire_id.wire_client_bypass_id,
    bypass_wire_id.client_bypass_id,
    bypass_wire_id.client_agreement,
    bypass_wire_id.wire_peer_bypass_id,
    bypass_wire_id.peer_bypass_id,
    bypass_wire_id.peer_agreement,
    bypass_ground_truth.reported,
    bypass_ground_truth.agreement,
    bypass_ground_truth.told_by,
    bypass_ground_truth.warning
from call
left join bypass_wire_id using (call_no)
left join bypass_ground_truth on call.call_no = bypass_ground_truth.call_no
where call.call_no = $call_no
