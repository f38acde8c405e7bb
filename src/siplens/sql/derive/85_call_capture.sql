/* One row per call and capture that could have shown its media: the capture saw its signalling, or some of its media. */
create or replace table call_capture as
with

witness as (
    select
        call_no,
        unnest(sources) as source_id
    from call
    union
    select
        call_no,
        source_id
    from call_flow
)

select
    witness.call_no,
    witness.source_id,
    source.last_ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as last_ts
from witness
inner join source using (source_id)
where source.kind is distinct from 'log';

comment on table call_capture is 'One row per call and capture that could have shown its media.';
comment on column call_capture.call_no is 'call.call_no.';
comment on column call_capture.source_id is 'source.source_id of a capture; logs never show media.';
comment on column call_capture.last_ts is 'End of the capture, on the reference clock (UTC).';
