/*
id = "MED006"
title = "Key presses of one leg are missing on the other"
severity = "medium"
status = "stable"
subject = "call"
meaning = """
Key presses (RFC 4733 telephone-event packets) came in on one leg of the call, and fewer went out on the other, although media of both
legs was seen; or one leg agreed on telephone-event and the other did not, so that none can pass. Judged are calls with two legs. Where
key presses were seen on one leg and media of the other was not, the verdict is unknown."""
impact = """
Voice menus and conference PINs do not react to keys."""
causes = [
    "The peer does not take telephone-event, and expects tones in the speech or SIP INFO.",
    "The payload type of telephone-event differs and is not mapped.",
    "A codec offer without telephone-event.",
]
confirm = [
    "siplens call CALL: telephone-event in the answers of both legs, key presses per stream.",
]
fix = [
    "Turn RFC 4733 on at the gateway, with telephone-event in its offers and answers.",
]
falsepositives = [
    "Key presses sent by SIP INFO, or as tones in the speech.",
]
references = [
    "RFC 4733: telephone-event",
    "RFC 3264 section 6.1: formats of the answer",
]
*/
with

agreed as (
    select
        call_leg.call_no,
        leg_media.leg_id,
        leg_media.answer_id,
        lower(array_to_string(offer_answer.answer_codecs, ' ')) like '%telephone-event%' as has_keys
    from leg_media
    inner join call_leg using (leg_id)
    inner join offer_answer using (oa_id)
    where leg_media.is_accepted and offer_answer.answer_codecs is not null
),

legs as (
    select
        call_no,
        count(*) filter (where has_keys) as with_keys,
        min(answer_id) filter (where has_keys) as with_id,
        min(answer_id) filter (where not has_keys) as without_id
    from agreed
    group by call_no
    having count(*) = 2
),

-- Into the B2BUA and out of it: a stream with key presses must have an equal on the other leg.
pressed as (
    select
        call_no,
        coalesce(max(dtmf_events) filter (where from_role = 'mediation'), 0) as sent_on,
        coalesce(max(dtmf_events) filter (where to_role = 'mediation'), 0) as came_in,
        count(*) filter (where from_role = 'mediation') as streams_out,
        arg_max({ 'source_id': source_id, 'frame': frame }, dtmf_events) as most
    from call_stream
    group by call_no
),

judged as (
    select
        legs.*,
        pressed.came_in,
        pressed.sent_on,
        if(pressed.came_in > pressed.sent_on, pressed.most, null) as most,
        case
            when legs.with_keys = 1 then 'fail'
            when pressed.came_in > pressed.sent_on then if(pressed.streams_out >= 2, 'fail', 'unknown')
            else 'pass'
        end as status
    from legs
    left join pressed using (call_no)
)

select
    judged.call_no as subject_id,
    judged.call_no,
    call.peer_ip as peer,
    judged.status,
    case
        when judged.with_keys = 1 then 'telephone-event was agreed on one leg and not on the other'
        when judged.status = 'pass' then 'key presses can pass'
        when judged.status = 'unknown' then format('{} key presses came in; the streams of the other leg were not seen', judged.came_in)
        else format('{} key presses came in, {} went out', judged.came_in, judged.sent_on)
    end as reason,
    list_concat(
        [
            { 'message_id': judged.with_id, 'note': 'answer with telephone-event' },
            { 'message_id': judged.without_id, 'note': 'answer without' }
        ],
        [{ 'source_id': judged.most.source_id, 'frame': judged.most.frame, 'note': 'RTP with key presses' }]
    ) as evidence
from judged
inner join call using (call_no)
