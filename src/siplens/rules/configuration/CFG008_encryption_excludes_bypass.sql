/*
id = "CFG008"
title = "Encryption settings exclude bypass on a trunk"
severity = "high"
status = "stable"
subject = "trunk"
meaning = """
Clients must encrypt (EncryptionLevel RequireEncryption, the default) and the trunk cannot (SRTPMode NotSupported, or a trunk over TCP,
where SRTP is never used); or clients must not (DoNotSupportEncryption) and the trunk must (SRTPMode Required, the default). With bypass
nobody in between translates. Judged are trunk configurations with EnableBypass True in the newest configuration."""
impact = """
Calls on this trunk are mediated or fail with 488, whatever else is right."""
causes = [
    "The trunk was changed to TCP for a gateway without certificates.",
    "EncryptionLevel was left at its default while gateways speak plain RTP.",
]
confirm = [
    "Get-CsMediaConfiguration: EncryptionLevel.",
    "Get-CsTrunkConfiguration: SRTPMode; the trunk's transport in the topology.",
]
fix = [
    "Set EncryptionLevel to SupportEncryption, or SRTPMode to Optional with a TLS trunk.",
]
falsepositives = [
    "Another media configuration applies to the clients of some site.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, SRTPMode: must be compatible with EncryptionLevel for media bypass",
    "Microsoft: Set-CsMediaConfiguration, EncryptionLevel",
]
*/
with

level as (
    select
        snapshot_id,
        arg_min(coalesce(encryptionlevel, 'RequireEncryption'), lower(coalesce(identity, 'global')) <> 'global') as level,
        any_value(source_id) as source_id,
        any_value(line) as line
    from media_configuration
    group by snapshot_id
),

paired as (
    select
        trunk.identity,
        any_value(trunk.source_id) as source_id,
        any_value(trunk.line) as line,
        any_value(lower(trunk.transport)) as transport,
        any_value(if(lower(trunk.transport) = 'tcp', 'NotSupported', coalesce(trunk.srtpmode, 'Required'))) as srtp_mode,
        any_value(level.level) as level,
        any_value(level.source_id) as level_source_id,
        any_value(level.line) as level_line
    from trunk
    left join level on trunk.snapshot_id = level.snapshot_id
    where trunk.enablebypass and trunk.snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
    group by trunk.identity
),

judged as (
    select
        *,
        case
            when level is null then 'unknown'
            when level = 'RequireEncryption' and srtp_mode = 'NotSupported' then 'fail'
            when level = 'DoNotSupportEncryption' and srtp_mode = 'Required' then 'fail'
            -- Over TCP the trunk has no SRTP, whatever SRTPMode says.
            when level = 'RequireEncryption' and transport is null then 'unknown'
            else 'pass'
        end as status
    from paired
)

select
    identity as subject_id,
    status,
    case
        when level is null then 'the clients'' EncryptionLevel was not imported'
        when status = 'unknown' then format('EncryptionLevel {}; whether the trunk runs over TLS is not in the configuration', level)
        else concat(format('EncryptionLevel {} and SRTPMode {}', level, srtp_mode), if(transport = 'tcp', ' (trunk over TCP)', ''))
    end as reason,
    [
        { 'source_id': source_id, 'line': line, 'note': 'trunk ' || identity },
        { 'source_id': level_source_id, 'line': level_line, 'note': 'media configuration' }
    ] as evidence
from judged
