/*
criterion = "common_codec"
title = "Client and peer have G.711 in common"
document = "Plan for media bypass in Skype for Business Server: bypassed media is G.711 end to end"
requirement = "media"
judged = """
A bypassed call is G.711 from end to end; RTAudio and the other codecs exist only between client and Mediation Server.
PCMU and PCMA are compared one by one. Where the SDP of only one side was seen, that side decides: the other is a Lync
client, or a peer that speaks to a Mediation Server, and both have G.711 by requirement. Where neither was seen, the
answer is unknown.
"""
*/
select
    call_no,
    case
        when has_client_sdp and has_peer_sdp then if((client_pcmu and peer_pcmu) or (client_pcma and peer_pcma), 'pass', 'fail')
        when has_client_sdp then if(client_pcmu or client_pcma, 'pass', 'fail')
        when has_peer_sdp then if(peer_pcmu or peer_pcma, 'pass', 'fail')
        else 'unknown'
    end as outcome,
    case
        when has_client_sdp or has_peer_sdp
            then concat(
                'client: ', if(has_client_sdp, coalesce(nullif(client_codecs, ''), 'no codec'), 'SDP not seen'),
                '; peer: ', if(has_peer_sdp, coalesce(nullif(peer_codecs, ''), 'no codec'), 'SDP not seen')
            )
        else 'no audio SDP of client or peer was seen'
    end as detail,
    list_concat(client_sdp_seen, peer_sdp_seen) as evidence
from bypass_input
where mode = 'server'
