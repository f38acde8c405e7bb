/* One row per thing that a peer ($wanted) did in some of several cases: how often, of how many, and the 95 % interval of the share. */
with

peer as (
    select peer_profile.*
    from peer_profile
    where lower(peer_profile.peer) = lower($wanted) or list_contains(peer_profile.peer_ips, $wanted)
),

legs as (
    select leg.*
    from peer
    inner join leg on list_contains(peer.peer_ips, leg.peer_ip)
),

offers as (
    select
        count(*) filter (where peer_offer.offer_proto ilike '%SAVP%') as secure,
        count(*) filter (where peer_offer.offer_proto ilike '%SAVP%' and peer_offer.outcome = 'accepted') as secure_taken
    from peer
    inner join peer_offer on list_contains(peer.peer_ips, peer_offer.peer_ip)
    where peer_offer.offered_to = 'peer' and peer_offer.outcome <> 'unanswered'
),

replaced as (
    select
        count(*) as requests,
        count(*) filter (where transaction.final_status between 200 and 299) as taken
    from legs
    inner join transaction on legs.leg_id = transaction.leg_id
    inner join message on transaction.request_id = message.message_id
    where transaction.method = 'INVITE' and message.replaces is not null
),

share as (
    select
        1 as place,
        'calls answered' as what,
        answered_calls as hits,
        calls as total
    from peer
    union all
    select
        2 as place,
        'forked calls in which it refused a further early dialog' as what,
        fork_refusals,
        forked_calls
    from peer
    union all
    select
        3 as place,
        'early dialogs whose PRACK it answered with an error' as what,
        prack_failures,
        pracks
    from peer
    union all
    select
        4 as place,
        'early dialogs whose UPDATE it answered with an error' as what,
        update_failures,
        updates
    from peer
    union all
    select
        5 as place,
        'REFER answered with an error' as what,
        refer_failures,
        refers
    from peer
    union all
    select
        6 as place,
        'INVITE with Replaces taken' as what,
        replaced.taken,
        replaced.requests
    from replaced
    union all
    select
        7 as place,
        'offers of direct media accepted' as what,
        direct_accepted,
        direct_offered
    from peer
    union all
    select
        8 as place,
        'offers of direct media refused' as what,
        direct_refused,
        direct_offered
    from peer
    union all
    select
        9 as place,
        'secure offers (SRTP) accepted' as what,
        offers.secure_taken,
        offers.secure
    from offers
)

select
    what,
    hits,
    total,
    round(100 * wilson_low(hits, total), 1) as low_pct,
    round(100 * wilson_high(hits, total), 1) as high_pct
from share
order by place
