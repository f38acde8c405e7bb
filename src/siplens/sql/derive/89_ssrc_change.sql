/* One row per change of the SSRC between the same two addresses and ports: a new flow began after an earlier one. */
create or replace view ssrc_change as
with

follower as (
    select
        flow_id,
        source_id,
        src_ip,
        src_port,
        dst_ip,
        dst_port,
        ssrc,
        first_ts,
        last_ts,
        lag(flow_id) over same_ends as before_flow_id,
        lag(ssrc) over same_ends as before_ssrc,
        lag(last_ts) over same_ends as before_last_ts
    from media_flow
    window same_ends as (partition by source_id, src_ip, src_port, dst_ip, dst_port order by first_ts, flow_id)
)

select
    source_id,
    src_ip,
    src_port,
    dst_ip,
    dst_port,
    before_flow_id,
    flow_id,
    before_ssrc,
    ssrc,
    first_ts as changed_ts,
    date_diff('millisecond', before_last_ts, first_ts) as pause_ms
from follower
where before_ssrc != ssrc and before_last_ts <= first_ts;

comment on view ssrc_change is 'One row per change of the SSRC between the same addresses and ports; flows side by side are no change.';
comment on column ssrc_change.source_id is 'source.source_id.';
comment on column ssrc_change.src_ip is 'Sender''s address.';
comment on column ssrc_change.src_port is 'Sender''s port.';
comment on column ssrc_change.dst_ip is 'Receiver''s address.';
comment on column ssrc_change.dst_port is 'Receiver''s port.';
comment on column ssrc_change.before_flow_id is 'media_flow.flow_id that ended.';
comment on column ssrc_change.flow_id is 'media_flow.flow_id that took its place.';
comment on column ssrc_change.before_ssrc is 'SSRC before.';
comment on column ssrc_change.ssrc is 'SSRC since then.';
comment on column ssrc_change.changed_ts is 'Time of the first packet with the new SSRC (UTC).';
comment on column ssrc_change.pause_ms is 'From the last packet before to the first one after, in ms.';
