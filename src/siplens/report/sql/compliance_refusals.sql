/*
One row per peer with calls from $since until $until: further early dialogs and direct media that it was offered, and how often it refused
them. Shares have their 95 % Wilson interval.
*/
with

chosen as (
    select
        call.call_no,
        coalesce(peer_identity.peer, call.peer_ip) as peer
    from call
    left join peer_identity on call.peer_ip = peer_identity.peer_ip
    where
        call.peer_ip is not null
        and ($since is null or call.started_ts >= $since)
        and ($until is null or call.started_ts < $until)
),

seen as (
    select
        peer,
        count(*) as calls
    from chosen
    group by peer
),

forks as (
    select
        chosen.peer,
        count(*) as forked,
        count(forked_leg.refused_ordinal) as forks_refused,
        max(forked_leg.early_dialogs) as most_early_dialogs,
        min(forked_leg.refused_ordinal) as first_refused,
        mode(forked_leg.refusal_words) as fork_words
    from chosen
    inner join forked_leg using (call_no)
    where forked_leg.invited_by = 'peer' and not forked_leg.is_merged
    group by chosen.peer
),

offers as (
    select
        chosen.peer,
        count(*) as offered,
        count(*) filter (where peer_offer.outcome = 'accepted') as accepted,
        -- A 481 or 500 says nothing of the address: the same statuses as in peer_profile and rule DMR001.
        count(*) filter (
            where peer_offer.outcome = 'stream_rejected'
            or (peer_offer.outcome = 'rejected' and peer_offer.answer_status in (403, 415, 488, 606))
        ) as direct_refused,
        mode(peer_offer.answer_words) as direct_words
    from chosen
    inner join peer_offer using (call_no)
    where peer_offer.offered_to = 'peer' and peer_offer.offer_is_endpoint
    group by chosen.peer
)

select
    seen.peer,
    seen.calls,
    coalesce(forks.forked, 0) as forked,
    coalesce(forks.forks_refused, 0) as forks_refused,
    forks.forks_refused / forks.forked as forks_rate,
    wilson_low(forks.forks_refused, forks.forked) as forks_low,
    wilson_high(forks.forks_refused, forks.forked) as forks_high,
    forks.most_early_dialogs,
    forks.first_refused,
    forks.fork_words,
    coalesce(offers.offered, 0) as direct_offered,
    coalesce(offers.accepted, 0) as direct_accepted,
    coalesce(offers.direct_refused, 0) as direct_refused,
    offers.direct_refused / nullif(offers.accepted + offers.direct_refused, 0) as direct_rate,
    wilson_low(offers.direct_refused, offers.accepted + offers.direct_refused) as direct_low,
    wilson_high(offers.direct_refused, offers.accepted + offers.direct_refused) as direct_high,
    offers.direct_words
from seen
left join forks on seen.peer = forks.peer
left join offers on seen.peer = offers.peer
order by coalesce(forks.forks_refused, 0) + coalesce(offers.direct_refused, 0) desc, seen.calls desc, seen.peer asc
