/* One row per audio m-line of the SDP part that counts in a message: the fallback part counts only where there is no other. */
-- needs: sdp_media
create or replace table counted_sdp as
with

-- Most messages have one part: only the others need a choice. application/gw-sdp and the like describe somebody else's media.
several_parts as (
    select message_id
    from sdp_media
    group by message_id
    having min(part) <> max(part)
),

chosen_part as (
    select
        sdp_media.message_id,
        arg_min(
            sdp_media.part,
            if(sdp_media.is_fallback, 2000, 0) + if(sdp_media.content_type ilike 'application/sdp%', 0, 1000) + sdp_media.part
        ) as part,
        max(sdp_media.bypass_id) as bypass_id
    from sdp_media
    semi join several_parts on sdp_media.message_id = several_parts.message_id
    group by sdp_media.message_id
),

several_audio as (
    select message_id
    from sdp_media
    where media = 'audio'
    group by message_id
    having count(*) > 1
),

audio_rank as (
    select
        sdp_media.message_id,
        sdp_media.part,
        sdp_media.m_index,
        row_number() over (partition by sdp_media.message_id, sdp_media.part order by sdp_media.m_index) as audio_no
    from sdp_media
    semi join several_audio on sdp_media.message_id = several_audio.message_id
    where sdp_media.media = 'audio'
)

select
    sdp_media.message_id,
    sdp_media.m_index,
    coalesce(audio_rank.audio_no, 1) as audio_no,
    sdp_media.address,
    sdp_media.port,
    sdp_media.proto,
    sdp_media.direction,
    sdp_media.codecs,
    coalesce(sdp_media.bypass_id, chosen_part.bypass_id) as bypass_id
from sdp_media
left join chosen_part on sdp_media.message_id = chosen_part.message_id
left join audio_rank
    on sdp_media.message_id = audio_rank.message_id and sdp_media.part = audio_rank.part and sdp_media.m_index = audio_rank.m_index
where sdp_media.media = 'audio' and sdp_media.part = coalesce(chosen_part.part, sdp_media.part);

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
