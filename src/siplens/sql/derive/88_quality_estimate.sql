/* One row per RTP flow: an estimate of its quality by the E-model, with everything that went into it. Not a measurement. */
create or replace view quality_estimate as
with

-- Ie and Bpl: ITU-T G.113 (2024) appendix I, table I.4, as public lecture notes on the E-model print it (the Recommendation itself was
-- not read). G.711 with packet loss concealment, as receivers do it (without: Bpl 4.3); G.729A with VAD (without: Ie 10); G.723.1 at
-- 6.3 kbit/s with VAD (at 5.3: Ie 19). For the others the notes give Ie alone: an estimate only where nothing was lost.
codec_value (codec, ie, bpl) as (
    values
    ('PCMU', 0.0, 25.1),
    ('PCMA', 0.0, 25.1),
    ('G729', 11.0, 19.0),
    ('G723', 15.0, 16.1),
    ('GSM-EFR', 5.0, 10.0),
    ('G726-40', 2.0, null),
    ('G726-32', 7.0, null),
    ('G726-24', 25.0, null),
    ('G726-16', 50.0, null),
    ('G728', 7.0, null)
),

-- Of the payload types, the one with most packets is what was heard; events and comfort noise are not.
main_type as (
    select
        media_flow.*,
        list_filter(
            media_flow.payload_types,
            lambda one: upper(split_part(coalesce(one.codec, ''), '/', 1)) not in ('TELEPHONE-EVENT', 'CN')
        )[1] as main
    from media_flow
),

spoken as (
    select
        *,
        upper(split_part(coalesce(struct_extract(main, 'codec'), 'payload type ' || struct_extract(main, 'pt')), '/', 1)) as codec
    from main_type
),

-- Delay as an endpoint itself says in RTCP XR: half of the round trip, and what it takes itself.
reported_delay as (
    select
        source_id,
        about_ssrc as ssrc,
        median(round_trip_ms / 2 + coalesce(end_system_delay_ms, 0)) as delay_ms
    from rtcp_report
    where type = 'XR' and round_trip_ms > 0
    group by source_id, about_ssrc
),

input as (
    select
        spoken.flow_id,
        spoken.source_id,
        spoken.codec,
        spoken.media,
        codec_value.ie,
        codec_value.bpl,
        if(spoken.expected > 0, 100.0 * greatest(spoken.lost, 0) / spoken.expected, null) as loss_pct,
        -- Losses in a row against what chance alone would give. G.107 annex A covers ratios up to 2, and higher ones below 2 % lost.
        if(
            spoken.lost > 0 and spoken.gaps > 0,
            greatest(
                1.0,
                least(
                    if(spoken.lost < 0.02 * spoken.expected, 8.0, 2.0),
                    (spoken.lost / spoken.gaps) * (1.0 - spoken.lost / spoken.expected)
                )
            ),
            1.0
        ) as burst_ratio,
        coalesce(reported_delay.delay_ms, 100.0) as delay_ms,
        if(reported_delay.delay_ms is null, 'assumed', 'RTCP XR') as delay_from
    from spoken
    left join codec_value using (codec)
    left join reported_delay using (source_id, ssrc)
),

-- G.107 with its default values: R = 93.2 - Idd - Ie,eff. Echo is taken as cancelled; up to 100 ms of delay costs nothing.
impairment as (
    select
        *,
        if(loss_pct = 0, ie, ie + (95.0 - ie) * loss_pct / (loss_pct / burst_ratio + bpl)) as ie_eff,
        if(
            delay_ms <= 100.0,
            0.0,
            25.0 * (
                pow(1.0 + pow(log2(delay_ms / 100.0), 6), 1.0 / 6)
                - 3.0 * pow(1.0 + pow(log2(delay_ms / 100.0) / 3.0, 6), 1.0 / 6)
                + 2.0
            )
        ) as idd
    from input
),

factor as (
    select
        *,
        93.2 - idd - ie_eff as r
    from impairment
)

select
    flow_id,
    source_id,
    codec,
    ie,
    bpl,
    loss_pct,
    burst_ratio,
    delay_ms,
    delay_from,
    round(r, 1) as r_factor_estimate,
    case
        when r is null then null
        when r < 6.5 then 1.0
        else round(1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6, 2)
    end as mos_estimate,
    case
        when r is not null then null
        when media = 'video' then 'the E-model is for speech'
        when codec is null then 'no speech was sent'
        when ie is null then 'no values of ITU-T G.113 are known here for ' || codec
        when bpl is null and loss_pct > 0 then 'no robustness against loss (ITU-T G.113) is known here for ' || codec
        else 'the number of packets expected is not known'
    end as reason
from factor;

comment on view quality_estimate is 'One row per RTP flow: an estimate by the E-model (ITU-T G.107), with its inputs. Not a measurement.';
comment on column quality_estimate.flow_id is 'media_flow.flow_id.';
comment on column quality_estimate.source_id is 'source.source_id.';
comment on column quality_estimate.codec is 'Codec with most packets, in capitals, without clock.';
comment on column quality_estimate.ie is 'Input: equipment impairment of the codec (ITU-T G.113 appendix I, told by a secondary source).';
comment on column quality_estimate.bpl is 'Input: packet-loss robustness of the codec (G.113 appendix I), for G.711 with concealment.';
comment on column quality_estimate.loss_pct is 'Input: packets missing at the capture point, in percent; a jitter buffer drops more.';
comment on column quality_estimate.burst_ratio is 'Input: packets lost in a row, against chance; 1: random; most 2, or 8 below 2 % lost.';
comment on column quality_estimate.delay_ms is 'Input: one-way delay, in ms.';
comment on column quality_estimate.delay_from is 'RTCP XR: an endpoint said so; assumed: not known, taken as 100 ms, which is free.';
comment on column quality_estimate.r_factor_estimate is 'Estimate of the R factor, 0 to 93.2; NULL where an input is not known.';
comment on column quality_estimate.mos_estimate is 'Estimate of the mean opinion score (G.107 annex B), 1 to 4.41; NULL as before.';
comment on column quality_estimate.reason is 'Why there is no estimate; NULL where there is one.';
