/*
id = "EDL010"
title = "Peer never takes more than a certain number of early dialogs"
severity = "high"
status = "stable"
subject = "peer"
meaning = """
Over all calls read, this peer refused forks (CANCEL within 500 ms of a further early dialog, or an error to its PRACK or UPDATE) in
min_refusals calls or more, and every call that it took had fewer early dialogs than the smallest that it refused: it has a limit of
its own. Judged are peers whose INVITEs forked. A peer is cleared once it took min_calls forked calls without refusing one."""
impact = """
Calls from the public network to people with more endpoints, delegates or team members than the limit fail, always. MaxEarlyDialogs
of the trunk should be no higher than what the peer takes."""
causes = [
    "The gateway, SBC or IP-PBX holds state for that many early dialogs and no more.",
    "The provider behind the SBC ends calls that fork further.",
]
confirm = [
    "siplens peers NAME prints the figures with their intervals and the calls behind them.",
    "Call somebody with one endpoint fewer, then with one more than the limit.",
    "Compare with what the vendor states.",
]
fix = [
    "Set MaxEarlyDialogs of the trunk to the most that the peer took.",
    "Let the SBC merge forked responses into one early dialog.",
    "Send the sheet of siplens peers NAME --format markdown to the vendor: it has the proof frames.",
]
falsepositives = [
    "Callers who hung up just then: look at the interval; two refusals in many calls prove little.",
]
references = [
    "RFC 3261 section 12.1: early dialogs",
    "Microsoft: New-CsTrunkConfiguration, MaxEarlyDialogs",
    "E. B. Wilson, Probable inference, 1927: the interval of a share",
]
[params]
min_refusals = 2
min_calls = 3
*/
with

counted as (
    select
        peer_ip,
        count(*) as calls,
        count(refusal_id) as refusals,
        min(early_dialogs) filter (where refusal_id is not null) as refused_from,
        max(early_dialogs) filter (where refusal_id is null and outcome = 'answered') as taken_up_to,
        list(
            {
                'message_id': refusal_id,
                'note': if(
                    refusal_words = 'CANCEL',
                    format('CANCEL with {} early dialogs', early_dialogs),
                    format('{} at early dialog {}', refusal_words, refused_ordinal)
                )
            } order by leg_id
        ) filter (where refusal_id is not null) as evidence
    from forked_leg
    where invited_by = 'peer' and not is_merged and early_dialogs >= 2
    group by peer_ip
),

judged as (
    select
        *,
        case
            when refusals >= $min_refusals and (taken_up_to is null or taken_up_to < refused_from) then 'fail'
            when refusals = 0 and calls >= $min_calls then 'pass'
            else 'unknown'
        end as status
    from counted
)

select
    peer_ip as subject_id,
    peer_ip as peer,
    status,
    concat(
        format(
            'refused {} of {} forked calls ({:.0f} to {:.0f} % at 95 % confidence)',
            refusals, calls, 100 * wilson_low(refusals, calls), 100 * wilson_high(refusals, calls)
        ),
        case
            when status = 'fail' and taken_up_to is null then format('; it took none, and refused from {} early dialogs on', refused_from)
            when status = 'fail' then format('; it took {} early dialogs at most, and refused from {} on', taken_up_to, refused_from)
            when status = 'pass' then format('; it took up to {} early dialogs', taken_up_to)
            when refusals = 0 then ': too few to tell a limit'
            when refusals < $min_refusals then ': one refusal may be a caller who hung up'
            else format('; yet it took {} early dialogs and refused {}: no limit shows', taken_up_to, refused_from)
        end
    ) as reason,
    coalesce(evidence[:20], []) as evidence
from judged
