/* One row per audio m-line of the SDP part that counts in a message: the fallback part counts only where there is no other. */
create or replace table counted_sdp as
with

part_rank as (
    select
        message_id,
        part,
        -- application/gw-sdp and the like describe somebody else's media.
        row_number() over (
            partition by message_id order by bool_or(is_fallback), bool_or(coalesce(content_type, '') not ilike 'application/sdp%'), part
        ) as rank
    from sdp_media
    group by message_id, part
),

bypass_id as (
    select message_id, max(bypass_id) as bypass_id
    from sdp_media
    where bypass_id is not null
    group by message_id
)

select
    sdp_media.message_id,
    sdp_media.m_index,
    row_number() over (partition by sdp_media.message_id order by sdp_media.m_index) as audio_no,
    sdp_media.address,
    sdp_media.port,
    sdp_media.proto,
    sdp_media.direction,
    sdp_media.codecs,
    coalesce(sdp_media.bypass_id, bypass_id.bypass_id) as bypass_id
from sdp_media
inner join part_rank on sdp_media.message_id = part_rank.message_id and sdp_media.part = part_rank.part and part_rank.rank = 1
left join bypass_id on sdp_media.message_id = bypass_id.message_id
where sdp_media.media = 'audio';

comment on table counted_sdp is 'One row per audio m-line of the SDP part that counts in a message.';
comment on column counted_sdp.message_id is 'message.message_id.';
comment on column counted_sdp.m_index is 'sdp_media.m_index.';
comment on column counted_sdp.audio_no is 'Position among the audio m-lines of the message, from 1.';
comment on column counted_sdp.address is 'sdp_media.address.';
comment on column counted_sdp.port is 'sdp_media.port.';
comment on column counted_sdp.proto is 'sdp_media.proto.';
comment on column counted_sdp.direction is 'sdp_media.direction.';
comment on column counted_sdp.codecs is 'sdp_media.codecs.';
comment on column counted_sdp.bypass_id is 'x-bypassid of the m-line, else of any part of the message.';
