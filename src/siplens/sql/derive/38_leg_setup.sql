/* One row per leg with an INVITE, or responses to one: the way it took, and what the caller got. */
create or replace table leg_setup as
with

-- Attempts to set the session up; a re-INVITE has a To tag and changes no outcome.
attempt as (
    select *
    from transaction
    where method = 'INVITE' and asked_by_caller and not coalesce(in_dialog, false)
),

hop as (
    select
        leg_id,
        src_ip,
        dst_ip,
        min(started_ts) as first_ts
    from attempt
    where request_id is not null
    group by leg_id, src_ip, dst_ip
),

hop_count as (
    select
        leg_id,
        count(*) as hops
    from hop
    group by leg_id
),

several_hops as (
    select
        hop.leg_id,
        list(struct_pack(src_ip := hop.src_ip, dst_ip := hop.dst_ip) order by hop.first_ts) as hops,
        list(hop.src_ip order by hop.first_ts) as senders,
        list(hop.dst_ip order by hop.first_ts) as receivers
    from hop
    inner join hop_count on hop.leg_id = hop_count.leg_id and hop_count.hops > 1
    group by hop.leg_id
),

numbered_attempt as (
    select
        *,
        row_number() over (partition by leg_id, cseq order by started_ts, txn_id) as hop_no
    from attempt
),

-- What the caller got: the first 2xx, else what the first hop of the last attempt got.
telling_attempt as (
    select
        leg_id,
        min(request_id) as invite_id,
        min(final_ts) filter (where final_status < 300) as answered_ts,
        coalesce(
            arg_min(txn_id, final_id) filter (where final_status < 300),
            arg_max(txn_id, 1000000 * cseq - hop_no)
        ) as txn_id
    from numbered_attempt
    group by leg_id
),

result as (
    select
        telling_attempt.leg_id,
        telling_attempt.invite_id,
        telling_attempt.answered_ts,
        attempt.final_id,
        attempt.final_status,
        attempt.final_reason,
        attempt.final_ts,
        if(attempt.final_status < 300, attempt.dst_ip, null) as answering_ip,
        final_place.dialog_id as answered_dialog_id
    from telling_attempt
    inner join attempt on telling_attempt.txn_id = attempt.txn_id
    left join leg_message as final_place on attempt.final_id = final_place.message_id and attempt.final_status < 300
)

select
    result.*,
    several_hops.hops,
    list_filter(several_hops.senders, lambda ip: not list_contains(several_hops.receivers, ip))[1] as first_sender,  -- noqa: RF02
    list_filter(several_hops.receivers, lambda ip: not list_contains(several_hops.senders, ip))[1] as last_receiver,  -- noqa: RF02
    coalesce(list_contains(several_hops.senders, result.answering_ip), false) as answered_by_proxy
from result
left join several_hops on result.leg_id = several_hops.leg_id;

comment on table leg_setup is 'One row per leg with an INVITE, or responses to one: the way it took, and what the caller got.';
comment on column leg_setup.leg_id is 'leg.leg_id.';
comment on column leg_setup.invite_id is 'message_id of the first INVITE; NULL where only responses were seen.';
comment on column leg_setup.answered_ts is 'First 2xx, on the reference clock (UTC).';
comment on column leg_setup.final_id is 'message_id of the first 2xx, else of the final response to the last attempt.';
comment on column leg_setup.final_status is 'Its status.';
comment on column leg_setup.final_reason is 'Its reason phrase.';
comment on column leg_setup.final_ts is 'Its time, on the reference clock (UTC).';
comment on column leg_setup.answering_ip is 'Who sent the first 2xx; NULL without one.';
comment on column leg_setup.answered_dialog_id is 'dialog.dialog_id that it confirmed.';
comment on column leg_setup.hops is 'Hops of the INVITE in order of time, where there are several.';
comment on column leg_setup.first_sender is 'Of several hops: who sent the INVITE and did not receive it.';
comment on column leg_setup.last_receiver is 'Of several hops: who received the INVITE and did not send it on.';
comment on column leg_setup.answered_by_proxy is 'True where the 2xx was seen only after a proxy had passed it on.';
