/* One row per call of $call_nos, with its media path and bypass assessment. call_criteria_aside comes before. */
with

peers as (
    select
        peer_ip,
        min(peer) as peer
    from peer_profile
    group by peer_ip
)

select
    call.*,
    coalesce(peers.peer, call.peer_ip) as peer,
    media_path.signalled,
    media_path.signalled_reason,
    media_path.observed as media_observed,
    media_path.observed_reason,
    media_path.client_to_peer_packets,
    media_path.peer_to_client_packets,
    media_path.via_mediation_packets,
    assessment.expected,
    assessment.observed,
    assessment.verdict,
    assessment.cause,
    assessment.reasons,
    assessment.unknown_reason,
    config_in_force.snapshot_id,
    config_snapshot.label as snapshot_label
from call
left join peers on call.peer_ip = peers.peer_ip
left join media_path using (call_no)
left join bypass_assessment_by('asked_criterion', $call_nos) as assessment on call.call_no = assessment.call_no
left join config_in_force using (call_no)
left join config_snapshot using (snapshot_id)
where list_contains($call_nos, call.call_no)
order by call.call_no
