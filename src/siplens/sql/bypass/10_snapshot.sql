/*
One row per configuration snapshot: its settings of media bypass and of media, with Microsoft's defaults where the configuration leaves a
property out, and their words, which say so.
*/
-- needs: config_snapshot
create or replace table bypass_snapshot as
with

settings as (
    select
        snapshot_id,
        arg_max(bypass_settings, (source_id, line)) as settings
    from bypass_settings
    group by snapshot_id
),

media as (
    select
        snapshot_id,
        arg_min(media_configuration, if(lower(coalesce(identity, 'global')) = 'global', 0, 1)) as media
    from media_configuration
    group by snapshot_id
),

subnet_count as (
    select
        snapshot_id,
        count(*) as subnets
    from network_subnet
    group by snapshot_id
),

trusted_count as (
    select
        snapshot_id,
        count(*) as ranges
    from trusted_ip
    group by snapshot_id
)

select
    config_snapshot.snapshot_id,
    settings.snapshot_id is not null as has_settings,
    case when settings.snapshot_id is not null then coalesce(settings.settings.enabled, false) end as enabled,
    case
        when settings.snapshot_id is not null
            then coalesce(settings.settings.enabled, false) and coalesce(settings.settings.alwaysbypass, false)
    end as always_bypass,
    case when settings.snapshot_id is not null then coalesce(settings.settings.enabledefaultbypassid, false) end
        as enable_default_bypass_id,
    if(settings.settings.enabledefaultbypassid, coalesce(settings.settings.bypassid, 'default'), null) as default_bypass_id,
    coalesce(settings.settings.enabledforaudiovideoconferences, false) as enabled_for_conferences,
    coalesce(settings.settings.enablebandwidthpolicycheck, false) as admission_control,
    'Enabled ' || case settings.settings.enabled when true then 'True' when false then 'False' else 'False (default)' end
        as enabled_words,
    case
        when settings.snapshot_id is not null
            then [{
                'source_id': settings.settings.source_id, 'frame': null::bigint, 'line': settings.settings.line,
                'note': 'MediaBypassSettings'
            }]
    end as settings_evidence,
    case when media.snapshot_id is not null then coalesce(media.media.encryptionlevel, 'RequireEncryption') end as encryption_level,
    'EncryptionLevel ' || coalesce(media.media.encryptionlevel, 'RequireEncryption (default)') as encryption_words,
    case
        when media.snapshot_id is not null
            then [{
                'source_id': media.media.source_id, 'frame': null::bigint, 'line': media.media.line, 'note': 'media configuration'
            }]
    end as encryption_evidence,
    coalesce(subnet_count.subnets, 0) as subnets,
    coalesce(trusted_count.ranges, 0) as trusted_ranges
from config_snapshot
left join settings using (snapshot_id)
left join media using (snapshot_id)
left join subnet_count using (snapshot_id)
left join trusted_count using (snapshot_id);

comment on table bypass_snapshot is 'One row per configuration snapshot: settings of media bypass and media, defaults applied.';
comment on column bypass_snapshot.default_bypass_id is 'Bypass ID of subnets in no site (EnableDefaultBypassID); NULL: they have none.';
comment on column bypass_snapshot.admission_control is 'EnableBandwidthPolicyCheck, default applied: call admission control.';
comment on column bypass_snapshot.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_snapshot.has_settings is 'Whether it has media bypass settings.';
comment on column bypass_snapshot.enabled is 'Enabled, default applied.';
comment on column bypass_snapshot.always_bypass is 'AlwaysBypass, default applied; false while Enabled is.';
comment on column bypass_snapshot.enable_default_bypass_id is 'EnableDefaultBypassID, default applied.';
comment on column bypass_snapshot.enabled_for_conferences is 'EnabledForAudioVideoConferences, default applied.';
comment on column bypass_snapshot.enabled_words is 'Enabled in words, telling a default.';
comment on column bypass_snapshot.settings_evidence is 'Line of the settings.';
comment on column bypass_snapshot.encryption_level is 'EncryptionLevel, default applied; NULL where no media configuration was imported.';
comment on column bypass_snapshot.encryption_words is 'EncryptionLevel in words, telling a default.';
comment on column bypass_snapshot.encryption_evidence is 'Line of the media configuration.';
comment on column bypass_snapshot.subnets is 'Network subnets in it.';
comment on column bypass_snapshot.trusted_ranges is 'Trusted address ranges of the tenant in it.';
