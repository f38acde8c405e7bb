/*
id = "BYP001"
title = "Bypass expected, but media went through the Mediation Server"
severity = "high"
status = "stable"
subject = "call"
meaning = """
Every criterion of the bypass decision allows this call's media to flow between the endpoint and the peer, and it flowed, or was
negotiated, through the Mediation Server all the same. Judged are calls that should bypass and calls where that cannot be told;
calls that should not bypass are BYP002's."""
impact = """
The Mediation Server transcodes and relays media that it need not touch: its processor carries fewer calls, media takes a detour
over the network links that bypass was meant to spare, and every detour adds delay and a place to lose packets."""
causes = [
    "The peer turned away an offer with the endpoint's address, and the Mediation Server offered its own instead (DMR001).",
    "The bypass ID that the client learned at sign-in is not the one its subnet has now: the client has not signed in again since.",
    "The client does not know which network its default adapter is in, as with a virtual adapter of Hyper-V or a VPN.",
    "The trunk or the peer handles encryption in another way than the endpoint asks for.",
    "The configuration imported into siplens is not the one that was in force.",
]
confirm = [
    "siplens explain CALL prints the criteria, each with the configuration line it comes from.",
    "In the client's SDP, compare a=x-bypassid with the bypass ID of its subnet.",
    "Look for 488, 606, 415 or 403 from the peer just before the Mediation Server offers its own address.",
    "Where quality reports were captured, MediationServerBypassFlag and MediaBypassWarningFlag in qoe_report are the product's own word.",
]
fix = [
    "Peer refuses endpoint addresses: let the gateway or SBC accept media from the client subnets, or turn EnableBypass off for its trunk.",
    "Bypass IDs differ: sign the client out and in; check Get-CsNetworkSubnet and the site of the gateway's RepresentativeMediaIP.",
    "Encryption differs: make the trunk's SRTPMode and the EncryptionLevel of Get-CsMediaConfiguration agree.",
]
falsepositives = [
    "A call that was transferred, put in a conference or recorded by a device that siplens does not know of.",
    "A wrong configuration file: siplens config show prints what the verdict was made from.",
]
references = [
    "Microsoft: Plan for media bypass in Skype for Business",
    "Microsoft: New-CsTrunkConfiguration, EnableBypass",
    "MS-QoE: MediationServerBypassFlag, MediaBypassWarningFlag",
]
*/
with

judged as (
    select
        bypass_assessment.*,
        call.peer_ip,
        coalesce(bypass_assessment.unknown_reason, 'no reason given') as undecided,
        media_path.observed = 'relay' or (media_path.observed <> 'mediated' and media_path.signalled = 'relay') as via_relay
    from bypass_assessment
    inner join call using (call_no)
    left join media_path using (call_no)
    where
        bypass_assessment.expected in ('pass', 'unknown')
        -- A call that never got an answer has no media to judge, whatever its early dialogs agreed on, unless media was seen all the same.
        and (
            call.answered_ts is not null
            or media_path.client_to_peer_packets + media_path.peer_to_client_packets + media_path.via_mediation_packets > 0
        )
)

select
    judged.call_no as subject_id,
    judged.call_no,
    judged.peer_ip as peer,
    case
        when judged.expected = 'unknown' or judged.observed = 'unknown' then 'unknown'
        when judged.observed = 'pass' then 'pass'
        else 'fail'
    end as status,
    case
        when judged.expected = 'unknown' then 'cannot tell whether bypass was expected: ' || judged.undecided
        when judged.observed = 'unknown'
            then concat('bypass was expected, but the path of the media cannot be told: ', judged.undecided)
        when judged.observed = 'pass' then 'media went directly, as expected'
        else concat(
            'bypass was expected, but media went through ',
            case when judged.via_relay then 'a relay' else 'the Mediation Server' end,
            ': ' || judged.observed_reason,
            '; likeliest cause: ', coalesce(judged.cause, 'unknown'), ' (' || judged.cause_detail || ')'
        )
    end as reason,
    judged.evidence
from judged
