/*
id = "MED008"
title = "An answered call had no media at all"
severity = "high"
status = "stable"
subject = "call"
meaning = """
The call was answered and lasted, its media was to go through the Mediation Server or a relay, and no RTP of it was seen, in a capture
that shows such media of other calls or its RTCP. Judged are such calls; where nothing shows that the capture could see media, the verdict
is unknown. Direct media is DMR002's."""
impact = """
Both people hear nothing and hang up."""
causes = [
    "The Mediation Server or relay did not start its media: out of ports or licences.",
    "Both directions are blocked between the two.",
]
confirm = [
    "siplens call CALL: media path, and what SDP agreed on.",
    "Events of the Mediation Server at that time.",
]
fix = [
    "Open the media ports between gateway and Mediation Server.",
    "Look at the port ranges of the Mediation Server.",
]
falsepositives = [
    "A capture point that sees media of one trunk only.",
]
references = [
    "RFC 3264: offer and answer",
    "Microsoft: port requirements of the Mediation Server",
]
*/
select
    media_path.call_no as subject_id,
    media_path.call_no,
    call.peer_ip as peer,
    case media_path.observed
        when 'none' then 'fail'
        when 'unseen' then 'unknown'
        else 'pass'
    end as status,
    coalesce(media_path.observed_reason, 'media was seen') as reason,
    media_path.evidence
from media_path
inner join call using (call_no)
where media_path.signalled in ('mediated', 'relay') and call.answered_ts is not null
