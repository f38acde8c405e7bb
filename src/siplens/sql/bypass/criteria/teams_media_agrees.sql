/*
criterion = "teams_media_agrees"
title = "SBC and Teams can agree on media"
document = "Direct Routing media protocols: SRTP; codecs of media bypass"
requirement = "media"
judged = """
Teams takes SRTP only. Codecs may be SILK, G.711, G.722, G.729: one in common is enough, and Teams clients have G.711.
"""
*/
select
    call_no,
    case
        when not has_peer_sdp then 'unknown'
        when not peer_srtp then 'fail'
        when peer_pcmu or peer_pcma then 'pass'
        when regexp_matches(peer_codecs, 'SILK|G722|G729') then 'pass'
        else 'fail'
    end as outcome,
    case
        when not has_peer_sdp then 'no audio SDP of the SBC was seen'
        else concat('SBC: ', peer_protos, ', ', coalesce(nullif(peer_codecs, ''), 'no codec'))
    end as detail,
    coalesce(peer_sdp_seen, []) as evidence
from bypass_input
where mode = 'teams'
