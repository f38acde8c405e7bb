/* Calls that $text is found in: caller, called, an address, a SIP Call-ID, the beginning of the fingerprint, or the number itself. */
select call_no
from call
where
    contains(lower(caller), lower($text))
    or contains(lower(called), lower($text))
    or $text in (client_ip, client_media_ip, mediation_ip, peer_ip, peer_media_ip, cast(call_no as varchar))
    or starts_with(fingerprint, lower($text))

union

select call_leg.call_no
from call_leg
where call_leg.leg_id in (
    select leg.leg_id
    from leg
    where leg.call_id = $text
)
