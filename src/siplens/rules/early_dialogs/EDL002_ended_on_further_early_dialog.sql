/*
id = "EDL002"
title = "Peer ended the call when a further early dialog appeared"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
A peer invited the Mediation Server, the call forked, and within moments of one more To tag in a provisional response (the second
or a later one) the peer cancelled the INVITE, or sent BYE: it could not take that early dialog. Judged are INVITEs from a peer
that got two early dialogs or more. max_delay_ms is the time in milliseconds between the new early dialog and the peer's CANCEL
or BYE that still counts as one following from the other. Where the call forked behind the Mediation Server and this leg shows one
early dialog only, something between merges them, and the verdict is unknown."""
impact = """
Callers from the public network hear the call break off before anybody can answer, but only when they call people who have several
devices, delegates or a team-call group: it works in the test, and fails for the executive."""
causes = [
    "The gateway, SBC or IP-PBX keeps state for a limited number of early dialogs, often fewer than the trunk's MaxEarlyDialogs.",
    "The SBC passes every forked response on, and the provider behind it ends the call.",
    "The peer cannot take a new SDP answer to an offer that was answered once already.",
]
confirm = [
    "siplens call CALL shows the ladder: the last new To tag, and the CANCEL or BYE right after it.",
    "siplens peers: does the peer never take more than a certain number of early dialogs, over many calls?",
    "Call the same person with all but one device signed out: the call should now succeed.",
    "Trace beyond the SBC: did the CANCEL come from the provider?",
]
fix = [
    "Lower MaxEarlyDialogs of the trunk to what the peer takes.",
    "Make the SBC present one early dialog, by merging forked responses or passing on the first only.",
    "Have people with many delegates use a response group, which answers before it rings its agents.",
]
falsepositives = [
    "The caller hung up at that very moment: one such call proves nothing, a cluster just after new To tags does.",
    "The caller's side was answered elsewhere; a CANCEL that says so in its Reason header is not counted.",
]
references = [
    "RFC 3261 section 12.1: early dialogs; section 9.1: CANCEL; section 15: BYE in an early dialog",
    "RFC 3960 section 3.1: forking and early media",
    "RFC 3326: Reason header",
    "Microsoft: New-CsTrunkConfiguration, MaxEarlyDialogs",
]
[params]
max_delay_ms = 500
*/
with

forked as (
    select
        leg_id,
        call_id,
        from_tag,
        invite_id,
        peer_ip,
        outcome,
        answered_ts,
        cancel_id,
        cancel_ts,
        bye_id,
        bye_ts,
        bye_by,
        coalesce(invited_by, 'unknown') as invited_by
    from leg
    where early_dialogs >= 2 and coalesce(invited_by, 'unknown') in ('peer', 'unknown')
),

-- Something between the Mediation Server and this capture point shows the peer one early dialog of several.
merged as (
    select
        leg_id,
        peer_ip,
        forked_behind
    from forked_leg
    where is_merged
),

-- A To tag that is first seen in a 199 tells of an early dialog that is over: nothing new to hold.
early as (
    select
        dialog.leg_id,
        dialog.to_tag,
        dialog.first_id,
        dialog.first_ts,
        dialog.first_status,
        dialog.confirmed_ts,
        dialog.bye_id,
        dialog.ended_ts,
        dialog.ended_by,
        row_number() over (partition by dialog.leg_id order by dialog.first_ts, dialog.ordinal) as place
    from dialog
    semi join forked on dialog.leg_id = forked.leg_id
    where dialog.is_early and dialog.first_status between 101 and 198
),

counted as (
    select
        leg_id,
        count(*) as early_dialogs,
        max(first_ts) as last_ts
    from early
    group by leg_id
    having count(*) >= 2
),

endings as (
    select
        leg_id,
        'CANCEL' as method,
        cancel_id as message_id,
        cancel_ts as ended_ts
    from forked
    where cancel_ts is not null
    union all
    select
        leg_id,
        'BYE' as method,
        bye_id as message_id,
        bye_ts as ended_ts
    from forked
    where bye_by = 'caller'
    union all
    -- Only the caller may end an early dialog with BYE. After the answer, that is tidying up.
    select
        forked.leg_id,
        'BYE' as method,
        early.bye_id as message_id,
        early.ended_ts
    from early
    inner join forked using (leg_id)
    where early.ended_by = 'bye' and early.confirmed_ts is null and (forked.answered_ts is null or early.ended_ts < forked.answered_ts)
),

first_ending as (
    select
        endings.leg_id,
        arg_min(endings.method, endings.ended_ts) as method,
        arg_min(endings.message_id, endings.ended_ts) as message_id,
        min(endings.ended_ts) as ended_ts
    from endings
    group by endings.leg_id
),

-- Early dialogs that come after the CANCEL only crossed it on the wire.
last_before as (
    select
        early.leg_id,
        max(early.place) as place,
        max(early.first_ts) as last_ts
    from early
    inner join first_ending using (leg_id)
    where early.first_ts <= first_ending.ended_ts
    group by early.leg_id
),

timed as (
    select
        forked.*,
        counted.early_dialogs,
        first_ending.method,
        first_ending.message_id,
        message.reason as said_reason,
        coalesce(last_before.place, 0) as place,
        cast(round(date_diff('microsecond', last_before.last_ts, first_ending.ended_ts) / 1000) as bigint) as delay_ms,
        date_diff('millisecond', counted.last_ts, source.last_ts) + coalesce(source.clock_offset_ms, 0) as watched_ms
    from forked
    inner join counted using (leg_id)
    left join first_ending using (leg_id)
    left join last_before using (leg_id)
    left join message on first_ending.message_id = message.message_id
    left join message as invite on forked.invite_id = invite.message_id
    left join source on invite.source_id = source.source_id
),

judged as (
    select
        *,
        delay_ms > $max_delay_ms as is_late,
        case
            when invited_by = 'unknown' then 'unknown'
            when method is null and outcome = 'open' and (watched_ms is null or watched_ms <= $max_delay_ms) then 'unknown'
            when method is null or place < 2 or delay_ms > $max_delay_ms then 'pass'
            when said_reason ilike '%elsewhere%' or regexp_matches(said_reason, '(?i)sip\s*;\s*cause\s*=\s*200') then 'pass'
            else 'fail'
        end as status
    from timed
),

-- What the same peer took in calls that were answered: it speaks for or against a limit.
taken as (
    select
        peer_ip,
        max(early_dialogs) as most
    from judged
    where status = 'pass' and outcome = 'answered'
    group by peer_ip
),

-- Evidence is gathered where it is kept: not for passes.
seen as (
    select
        early.leg_id,
        early.first_id as message_id,
        early.place as seen_order,
        format('{} opens early dialog {}, To tag {}', early.first_status, early.place, early.to_tag) as note
    from early
    inner join judged using (leg_id)
    where judged.status <> 'pass'
    union all
    select
        leg_id,
        message_id,
        null as seen_order,
        method || ' from the peer' as note
    from judged
    where method is not null and status = 'fail'
),

proof as (
    select
        seen.leg_id,
        list({
            'source_id': message.source_id, 'frame': message.frame, 'line': message.line, 'note': seen.note
        } order by seen.seen_order) as evidence
    from seen
    inner join message using (message_id)
    group by seen.leg_id
)

select
    judged.leg_id as subject_id,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.invited_by = 'unknown'
            then concat(
                judged.early_dialogs,
                ' early dialogs, but which end is the peer is not known: name the Mediation Servers in a configuration'
            )
        when judged.status = 'unknown'
            then format('{} early dialogs; what was read ends before it shows whether the peer took the last one', judged.early_dialogs)
        when judged.method is null then format('{} early dialogs, and the peer did not end the call', judged.early_dialogs)
        when judged.place < 2 then judged.method || ' before the second early dialog'
        when judged.status = 'pass' and judged.outcome = 'answered'
            then format('{} early dialogs, and the call was answered', judged.early_dialogs)
        when judged.is_late
            then format('{} {} ms after early dialog {}: too late to follow from it', judged.method, judged.delay_ms, judged.place)
        when judged.status = 'pass' then format('{}, but its Reason says that the call was answered elsewhere', judged.method)
        else concat(
            format('{} from the peer {} ms after early dialog {} appeared', judged.method, judged.delay_ms, judged.place),
            ' (Reason: ' || judged.said_reason || ')',
            case
                when taken.most >= judged.place
                    then format('; yet it took {} in a call that was answered: perhaps the caller hung up', taken.most)
                when taken.most is not null then format('; the most it took in an answered call is {}', taken.most)
            end
        )
    end as reason,
    coalesce(proof.evidence, []) as evidence
from judged
left join taken using (peer_ip)
left join proof using (leg_id)
union all
select
    leg_id as subject_id,
    peer_ip as peer,
    'unknown' as status,
    format(
        'the call forked to {} endpoints, but this leg shows one early dialog: something in between merges them', forked_behind
    ) as reason,
    [] as evidence
from merged
