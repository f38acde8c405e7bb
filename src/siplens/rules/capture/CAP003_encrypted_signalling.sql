/*
id = "CAP003"
title = "Encrypted signalling was not read"
severity = "medium"
status = "stable"
subject = "source"
meaning = """
The capture holds TLS connections on SIP ports that no key opens: calls in them are not in the database. Judged are captures; where
reading them was broken off, the verdict is unknown."""
impact = """
Calls are missing, and what is judged is only the part that goes in the clear, such as the trunk over TCP."""
causes = [
    "No key log was given, or it is of another time.",
    "The machine that writes key logs is not the one whose traffic was captured.",
]
confirm = [
    "siplens sql \"select * from capture_health where check_name = 'tls_signalling'\".",
]
fix = [
    "Ingest again with --keylog, or take the Mediation Server's trace beside the capture.",
]
falsepositives = [
    "TLS on a SIP port that is no SIP.",
]
references = [
    "RFC 5246 and RFC 8446: TLS; NSS key log format",
    "RFC 3261 section 26.2.1: SIP over TLS",
]
*/
with

found as (
    select
        source_id,
        max(amount) filter (where check_name = 'tls_signalling') as amount,
        max(detail) filter (where check_name = 'wireshark_stopped') as stopped,
        min(frame) as frame
    from capture_health
    where check_name in ('tls_signalling', 'wireshark_stopped')
    group by source_id
)

select
    source.source_id as subject_id,
    case
        when found.amount > 0 then 'fail'
        when found.stopped is not null then 'unknown'
        else 'pass'
    end as status,
    case
        when found.amount > 0 then format('{} directions of TLS connections on SIP ports were not opened', found.amount)
        when found.stopped is not null then 'reading was broken off: ' || found.stopped
        else 'no encrypted signalling on SIP ports'
    end as reason,
    [{ 'source_id': source.source_id, 'frame': coalesce(found.frame, 1), 'note': 'first such frame' }] as evidence
from source
left join found on source.source_id = found.source_id
where source.kind = 'capture'
