/* One row per pair of legs and test that could join them into a call over a B2BUA; `chosen` marks the pairs that do. */
-- needs: leg
create or replace table leg_link as
with recursive

-- Session-ID: one token, or two UUIDs that a B2BUA may swap (RFC 7989); the null UUID says nothing.
session_token as (
    select distinct
        leg_message.leg_id,
        unnest(regexp_extract_all(lower(message.session_id), '[0-9a-f]{32}')) as token
    from leg_message
    inner join message using (message_id)
    where message.session_id is not null and not leg_message.is_duplicate
),

conversation as (
    select distinct
        leg_message.leg_id,
        message.ms_conversation_id as token
    from leg_message
    inner join message using (message_id)
    where message.ms_conversation_id is not null and not leg_message.is_duplicate
),

media_endpoint as (
    select distinct
        leg_message.leg_id,
        counted_sdp.address,
        counted_sdp.port
    from leg_message
    inner join counted_sdp using (message_id)
    where leg_message.is_first and counted_sdp.port > 0 and counted_sdp.address not in ('0.0.0.0', '::')
),

-- Digits only, the last six. A user part that is no telephone number is compared as a name.
numbered as (
    select
        leg.leg_id,
        regexp_extract(message.from_user, '^(\+?[0-9.()-]{2,})(?:;|$)', 1) as from_number,
        regexp_extract(message.asserted_identity, '(?:tel:|sips?:)(\+?[0-9.()-]{2,})(?:[@;>]|$)', 1) as asserted_number,
        regexp_extract(message.to_user, '^(\+?[0-9.()-]{2,})(?:;|$)', 1) as to_number,
        regexp_extract(message.request_uri, '^(?:tel:|sips?:)(\+?[0-9.()-]{2,})(?:[@;]|$)', 1) as target_number,
        lower(message.from_user) as from_name,
        lower(message.to_user) as to_name
    from leg
    inner join message on leg.invite_id = message.message_id
),

suffix as (
    select
        leg_id,
        from_name,
        to_name,
        nullif(right(regexp_replace(from_number, '\D', '', 'g'), 6), '') as from_digits,
        nullif(right(regexp_replace(asserted_number, '\D', '', 'g'), 6), '') as asserted_digits,
        nullif(right(regexp_replace(to_number, '\D', '', 'g'), 6), '') as to_digits,
        nullif(right(regexp_replace(target_number, '\D', '', 'g'), 6), '') as target_digits
    from numbered
),

party as materialized (
    select
        leg_id,
        list_distinct([from_digits, asserted_digits]) as callers,
        list_distinct([to_digits, target_digits]) as callees,
        if(len(callers) = 0, from_name, null) as caller_name,
        if(len(callees) = 0, to_name, null) as callee_name
    from suffix
),

-- What two legs of one call have in common, by test. A name at one end leaves the number at the other end to tell.
number as (
    select
        leg_id,
        'caller' as party_end,
        unnest(callers) as digits
    from party
    union all
    select
        leg_id,
        'callee' as party_end,
        unnest(callees) as digits
    from party
),

key as (
    select
        leg_id,
        'session_header' as test,
        hash('Session-ID', token) as key,
        'Session-ID ' || token as detail
    from session_token
    where token <> repeat('0', 32)
    union all
    select
        leg_id,
        'session_header' as test,
        hash('Ms-Conversation-ID', token) as key,
        'Ms-Conversation-ID ' || token as detail
    from conversation
    union all
    select
        leg_id,
        'media_address' as test,
        hash('media', address, port) as key,
        address || ' port ' || port as detail
    from media_endpoint
    union all
    select
        leg_id,
        'numbers_and_time' as test,
        hash(party_end, digits) as key,
        null as detail
    from number
    union all
    select
        leg_id,
        'numbers_and_time' as test,
        hash('names', caller_name, callee_name) as key,
        null as detail
    from party
    where caller_name is not null and callee_name is not null
),

-- Only the next eight legs with the same key within a minute are compared: that bounds the work where all calls bear the
-- same numbers.
placed_key as (
    select
        key.*,
        leg.started_ts,
        row_number() over (partition by key.key order by leg.started_ts, leg.leg_id) as place,
        least(
            count(*) over (partition by key.key order by leg.started_ts range between current row and interval 60 seconds following), 9
        ) as neighbours
    from key
    inner join leg on key.leg_id = leg.leg_id
),

earlier_key as (
    select
        key,
        leg_id,
        test,
        detail,
        started_ts,
        unnest(range(place + 1, place + neighbours)) as next_place
    from placed_key
    where neighbours > 1
),

met as (
    select distinct
        earlier_key.leg_id as leg_a,
        later_key.leg_id as leg_b,
        earlier_key.test,
        earlier_key.detail
    from earlier_key
    inner join placed_key as later_key on earlier_key.key = later_key.key and earlier_key.next_place = later_key.place
    where
        earlier_key.leg_id <> later_key.leg_id
        and later_key.started_ts
        <= earlier_key.started_ts + if(earlier_key.test = 'numbers_and_time', interval 15 seconds, interval 60 seconds)
),

pair as (
    select
        met.leg_a,
        met.leg_b,
        met.test,
        met.detail,
        date_diff('millisecond', first_leg.started_ts, second_leg.started_ts) as distance_ms,
        first_leg.outcome = second_leg.outcome as same_outcome,
        first_leg.callee_ip = second_leg.caller_ip as shares_b2bua,
        -- A server's log names the neighbour only: its own address is not known, and contradicts none.
        first_leg.side <> second_leg.side
        and coalesce(
            first_leg.mediation_ip = second_leg.mediation_ip,
            first_leg.side in ('client', 'peer') and second_leg.side in ('client', 'peer')
        ) as shares_mediation,
        list_has_any(first_party.callers, second_party.callers) as same_caller_number,
        list_has_any(first_party.callees, second_party.callees) as same_callee_number,
        first_party.caller_name = second_party.caller_name as same_caller_name,
        first_party.callee_name = second_party.callee_name as same_callee_name,
        (first_party.caller_name is null) <> (second_party.caller_name is null) as caller_is_named_once,
        (first_party.callee_name is null) <> (second_party.callee_name is null) as callee_is_named_once,
        first_party.callers as callers,
        first_party.callees as callees,
        first_party.caller_name as caller_name,
        first_party.callee_name as callee_name
    from met
    inner join leg as first_leg on met.leg_a = first_leg.leg_id
    inner join leg as second_leg on met.leg_b = second_leg.leg_id
    left join party as first_party on met.leg_a = first_party.leg_id
    left join party as second_party on met.leg_b = second_party.leg_id
    where
        first_leg.call_id <> second_leg.call_id
        and (first_leg.ended_ts is null or second_leg.started_ts <= first_leg.ended_ts)
),

tested as (
    select
        leg_a,
        leg_b,
        test,
        distance_ms,
        same_outcome,
        coalesce(same_caller_number, false) or coalesce(same_caller_name, false) as same_caller,
        coalesce(same_callee_number, false) or coalesce(same_callee_name, false) as same_callee,
        case test
            when 'session_header' then detail
            when 'media_address' then 'media address ' || detail || ' in the SDP of both legs'
            else format(
                '{} to {}, {} ms apart', coalesce('…' || callers[1], caller_name), coalesce('…' || callees[1], callee_name), distance_ms
            )
        end as detail,
        case test
            when 'session_header' then 1.0
            when 'media_address' then 0.9
            -- Closeness adds up to 0.1; a name where the other leg has a number takes 0.1 off.
            else if(same_caller and same_callee, 0.7, 0.6) + 0.1 * (1 - least(distance_ms, 15000) / 15000.0)
        end as score
    from pair
    where
        test = 'session_header'
        or (
            (coalesce(shares_b2bua, false) or coalesce(shares_mediation, false))
            and (
                test = 'media_address'
                or (same_caller and same_callee)
                or (same_caller and coalesce(callee_is_named_once, false))
                or (same_callee and coalesce(caller_is_named_once, false))
            )
        )
),

candidate as (
    select
        leg_a,
        leg_b,
        test,
        max(score) as score,
        min(detail) as detail,
        min(distance_ms) as distance_ms,
        bool_or(same_outcome) as same_outcome
    from tested
    group by leg_a, leg_b, test
),

-- Best score first, then the same outcome, then the nearest in time. The number makes every comparison decide.
contest as (
    select
        leg_a,
        leg_b,
        row_number() over (order by max(score) desc, bool_or(same_outcome) desc, min(distance_ms) asc, leg_a asc, leg_b asc) as rank
    from candidate
    group by leg_a, leg_b
),

-- Round by round, the pairs that are best for both legs are chosen, and what competes with them is out.
round as (
    select
        leg_a,
        leg_b,
        rank,
        rank = min(rank) over (partition by leg_a) and rank = min(rank) over (partition by leg_b) as is_chosen
    from contest
    union all
    select
        leg_a,
        leg_b,
        rank,
        rank = min(rank) over (partition by leg_a) and rank = min(rank) over (partition by leg_b) as is_chosen
    from (
        select
            leg_a,
            leg_b,
            rank,
            bool_or(is_chosen) over (partition by leg_a) or bool_or(is_chosen) over (partition by leg_b) as is_settled
        from round
    ) as contested
    where not is_settled
),

winner as (
    select
        leg_a,
        leg_b
    from round
    where is_chosen
)

select
    candidate.leg_a,
    candidate.leg_b,
    candidate.test,
    candidate.score,
    candidate.detail,
    candidate.distance_ms,
    winner.leg_a is not null as chosen
from candidate
left join winner on candidate.leg_a = winner.leg_a and candidate.leg_b = winner.leg_b;

comment on table leg_link is 'One row per pair of legs and test that could join them into a call over a B2BUA.';
comment on column leg_link.leg_a is 'leg.leg_id of the earlier leg, which the B2BUA received.';
comment on column leg_link.leg_b is 'leg.leg_id of the later leg, which the B2BUA sent.';
comment on column leg_link.test is 'session_header, media_address or numbers_and_time.';
comment on column leg_link.score is '1.0 session headers, 0.9 media address, 0.6 to 0.8 numbers and time, by closeness.';
comment on column leg_link.detail is 'What the legs have in common, in words.';
comment on column leg_link.distance_ms is 'Time between the beginnings of the legs, in ms.';
comment on column leg_link.chosen is 'True where the pair is one call. A leg is chosen at most once as leg_a and once as leg_b.';
