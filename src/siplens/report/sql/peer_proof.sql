/* One row per proof that a peer ($wanted) refused something: findings about early dialogs and direct media, with file and frame. */
with

peer as (
    select peer_profile.*
    from peer_profile
    where lower(peer_profile.peer) = lower($wanted) or list_contains(peer_profile.peer_ips, $wanted)
),

found as (
    select
        finding.rule_id,
        finding.finding_id,
        finding.call_no,
        finding.reason
    from finding
    inner join peer on finding.peer = peer.peer or list_contains(peer.peer_ips, finding.peer)
    where finding.status = 'fail' and finding.resolved_at is null and left(finding.rule_id, 3) in ('EDL', 'DMR')
    qualify row_number() over (partition by finding.rule_id order by finding.call_no, finding.finding_id) <= 5
)

select
    found.rule_id,
    found.call_no,
    found.reason,
    finding_evidence.note,
    regexp_extract(source.path, '[^/\\]+$') as file,
    left(source.sha256, 12) as sha256,
    finding_evidence.frame,
    finding_evidence.line
from found
inner join finding_evidence on found.finding_id = finding_evidence.finding_id
inner join source on finding_evidence.source_id = source.source_id
where source.kind <> 'config'
order by found.rule_id, found.call_no, found.finding_id, finding_evidence.ordinal
