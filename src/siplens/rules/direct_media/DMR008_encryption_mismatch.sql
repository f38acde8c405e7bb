/*
id = "DMR008"
title = "Peer refused media for its encryption, not for its address"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The peer turned away an offer and named encryption as the reason, or it refused a secure profile (RTP/SAVP) and took the plain one, or
the other way round, in the next offer of the same call. Judged are legs whose audio offers the peer accepted or refused. A bare 488 to
a secure profile, without a second try, is undecided."""
impact = """
The call fails or falls back to mediated media: bypass needs the endpoint's and the peer's encryption to agree, for nobody in between
can translate."""
causes = [
    "SRTPMode of the trunk and EncryptionLevel of the clients differ: Required against DoNotSupportEncryption, or TCP.",
    "The gateway offers no SRTP, or only with another crypto suite.",
    "The trunk runs over TCP, where SRTP is never used.",
]
confirm = [
    "siplens call CALL: m= profile and crypto suites of offer and answer.",
    "ms-diagnostics 52017 or 'Encryption levels dont match' in the refusal.",
    "Get-CsTrunkConfiguration SRTPMode and Get-CsMediaConfiguration EncryptionLevel.",
]
fix = [
    "Make SRTPMode and EncryptionLevel agree: Optional with SupportEncryption takes both.",
    "Turn SRTP on at the gateway, with AES_CM_128_HMAC_SHA1_80, and use TLS for the trunk.",
]
falsepositives = [
    "A next offer that differs in more than the profile.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, SRTPMode; Set-CsMediaConfiguration, EncryptionLevel",
    "RFC 4568: SDP security descriptions; RFC 3711: SRTP",
]
[params]
refusal_statuses = [415, 488, 606]
*/
with

told as (
    select
        *,
        offer_proto ilike '%SAVP%' as is_secure,
        outcome = 'stream_rejected' or list_contains($refusal_statuses, answer_status) as is_refused
    from peer_offer
    where outcome in ('accepted', 'rejected', 'stream_rejected')
),

-- The next offer of the same call that was taken: another profile for the same address tells the reason.
taken as (
    select
        call_no,
        is_secure,
        offer_ip,
        max(offer_id) as offer_id
    from told
    where outcome = 'accepted'
    group by call_no, is_secure, offer_ip
),

verdicts as (
    select
        told.*,
        taken.offer_id as taken_id,
        case
            when told.encryption_words is not null or (told.is_refused and taken.offer_id is not null)
                then if(told.offered_to = 'unknown', 'unknown', 'fail')
            when told.is_refused and told.is_secure and not told.warns_of_media then 'unknown'
            when told.outcome = 'accepted' then 'pass'
        end as status
    from told
    left join taken
        on
            told.call_no = taken.call_no and told.offer_ip = taken.offer_ip
            and told.is_secure <> taken.is_secure and told.offer_id < taken.offer_id
),

judged as (
    select *
    from verdicts
    where status is not null
    qualify row_number() over (partition by leg_id order by list_position(['fail', 'unknown', 'pass'], status), oa_id) = 1
)

select
    leg_id as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('the peer accepted {}', offer_proto)
        when encryption_words is not null
            then concat(
                format('{}: the peer named encryption ({})', answer_words, encryption_words),
                if(status = 'unknown', ', but which end is the peer is not known', '')
            )
        when taken_id is not null
            then concat(
                format('{} to {}, while the other profile was accepted for the same address', answer_words, offer_proto),
                if(status = 'unknown', ', but which end is the peer is not known', '')
            )
        else format('{} to {}, which may be for the encryption or for anything else', answer_words, offer_proto)
    end as reason,
    [
        { 'message_id': offer_id, 'note': format('{} offers {} at {}', offer_method, offer_proto, offer_ip) },
        { 'message_id': answer_id, 'note': answer_words },
        { 'message_id': taken_id, 'note': 'offer with the other profile, accepted' }
    ] as evidence
from judged
