/*
id = "MED005"
title = "Codec or packet time differs between legs without need"
severity = "low"
status = "stable"
subject = "call"
meaning = """
Both legs of the call use G.711, but one A-law and the other u-law, or the two directions of one leg carry different codecs, or the legs
use different packet times: the Mediation Server must convert what it could pass on. Judged are calls whose two legs agreed on codecs. A
wide-band codec towards the client is by design and passes; where a leg names no codec, the verdict is unknown."""
impact = """
Processor time and delay for nothing, and bypass would be impossible: it needs the same codec end to end."""
causes = [
    "Codec order of gateway and client differ: PCMU first here, PCMA first there.",
    "A gateway with a packet time of 30 ms.",
]
confirm = [
    "siplens call CALL: first codec of each answer, and a=ptime.",
]
fix = [
    "Put the same G.711 variant first on the gateway as in the region's clients.",
    "Set the gateway's packet time to 20 ms.",
]
falsepositives = [
    "A provider that insists on the other variant.",
]
references = [
    "RFC 3551 section 4.5.14: PCMA and PCMU; RFC 3264 section 6.1: codecs of the answer",
    "Microsoft: Plan for media bypass in Skype for Business: G.711 end to end",
]
*/
with

agreed as (
    select
        call_leg.call_no,
        leg_media.leg_id,
        upper(offer_answer.answer_codecs[1]) as codec,
        leg_media.answer_id
    from leg_media
    inner join call_leg using (leg_id)
    inner join offer_answer using (oa_id)
    where leg_media.is_accepted
),

packet_time as (
    select
        agreed.leg_id,
        max(sdp_media.ptime_ms) as ptime_ms
    from agreed
    inner join sdp_media on agreed.answer_id = sdp_media.message_id
    where sdp_media.media = 'audio'
    group by agreed.leg_id
),

legs as (
    select
        agreed.call_no,
        count(*) as legs,
        count(agreed.codec) as with_codec,
        min(agreed.codec) as low_codec,
        max(agreed.codec) as high_codec,
        min(packet_time.ptime_ms) as low_ptime,
        max(packet_time.ptime_ms) as high_ptime,
        min(agreed.answer_id) as first_id,
        max(agreed.answer_id) as second_id
    from agreed
    left join packet_time using (leg_id)
    group by agreed.call_no
    having count(*) = 2
),

-- Two directions between the same two ports with different codecs.
lopsided as (
    select
        there.call_no,
        min(there.codec || ' from ' || there.src_ip || ' and ' || back.codec || ' from ' || back.src_ip) as words
    from call_stream as there
    inner join call_stream as back
        on
            there.call_no = back.call_no
            and there.src_ip = back.dst_ip and there.src_port = back.dst_port
            and there.dst_ip = back.src_ip and there.dst_port = back.src_port
            and there.codec < back.codec
    group by there.call_no
),

judged as (
    select
        legs.*,
        lopsided.words as lopsided_words,
        legs.low_codec ilike 'PCMA%' and legs.high_codec ilike 'PCMU%' as laws_differ,
        coalesce(legs.low_ptime <> legs.high_ptime, false) as times_differ,
        case
            when laws_differ or times_differ or lopsided.call_no is not null then 'fail'
            when legs.with_codec < 2 then 'unknown'
            else 'pass'
        end as status
    from legs
    left join lopsided using (call_no)
)

select
    judged.call_no as subject_id,
    judged.call_no,
    call.peer_ip as peer,
    judged.status,
    case
        when judged.status = 'pass' then format('{} and {}', judged.low_codec, judged.high_codec)
        when judged.status = 'unknown' then 'a leg names no codec'
        else concat_ws(
            '; ',
            if(judged.laws_differ, format('{} on one leg, {} on the other', judged.low_codec, judged.high_codec), null),
            if(judged.times_differ, format('packets of {} ms on one leg, {} ms on the other', judged.low_ptime, judged.high_ptime), null),
            judged.lopsided_words
        )
    end as reason,
    [
        { 'message_id': judged.first_id, 'note': 'answer of one leg' },
        { 'message_id': judged.second_id, 'note': 'answer of the other' }
    ] as evidence
from judged
inner join call using (call_no)
