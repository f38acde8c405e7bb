/*
criterion = "encryption_compatible"
title = "Client and peer can agree on encryption"
document = "New-CsTrunkConfiguration, SRTPMode; Set-CsMediaConfiguration, EncryptionLevel"
requirement = "media"
judged = """
SRTPMode counts only where the trunk's transport is TLS; on TCP it is NotSupported. Impossible are RequireEncryption
with no SRTP at the peer, and DoNotSupportEncryption with SRTPMode Required. Where the configuration leaves it open, the
profiles in the SDP of client and peer settle it if they have one in common; where they have none, either may still be
able to do the other's, so that proves nothing.
"""
*/
with

effective as (
    select
        *,
        case
            when srtp_mode is null then null
            when srtp_mode = 'NotSupported' then srtp_mode
            when transport is null then null
            when transport = 'tls' then srtp_mode
            else 'NotSupported'
        end as peer_srtp_mode,
        (client_srtp and peer_srtp) or (client_plain and peer_plain) as profiles_agree
    from bypass_input
    where mode = 'server'
)

select
    call_no,
    case
        when encryption_level = 'RequireEncryption' and peer_srtp_mode = 'NotSupported' then 'fail'
        when encryption_level = 'DoNotSupportEncryption' and peer_srtp_mode = 'Required' then 'fail'
        when encryption_level = 'SupportEncryption' then 'pass'
        when encryption_level is not null and peer_srtp_mode is not null then 'pass'
        when configuration_problem is null and has_client_sdp and has_peer_sdp and profiles_agree then 'pass'
        else 'unknown'
    end as outcome,
    case
        when encryption_level is not null and (peer_srtp_mode is not null or encryption_level = 'SupportEncryption')
            then concat(
                encryption_words,
                case
                    when srtp_mode is null then ': either way of the peer will do'
                    when peer_srtp_mode is null then '; trunk ' || trunk || ' ' || srtp_words
                    else
                        '; trunk ' || trunk || ' ' || srtp_words
                        || ' over ' || coalesce(transport || ' (' || transport_source || ')', 'any transport')
                        || if(peer_srtp_mode = srtp_mode, '', ', so SRTP is not supported')
                end
            )
        when configuration_problem is not null then configuration_problem
        when has_client_sdp and has_peer_sdp and profiles_agree
            then 'SDP profiles agree: client ' || client_protos || ', peer ' || peer_protos
        when encryption_level is null then 'the media configuration (EncryptionLevel) is not in the configuration'
        when srtp_mode is null then trunk_problem
        else 'the transport of trunk ' || trunk || ' is not known, and ' || srtp_words || ' counts only over TLS'
    end as detail,
    list_concat(
        encryption_evidence,
        trunk_evidence,
        if(encryption_level is null, client_sdp_seen, []),
        if(encryption_level is null, peer_sdp_seen, [])
    ) as evidence
from effective
