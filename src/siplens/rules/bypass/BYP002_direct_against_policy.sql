/*
id = "BYP002"
title = "Media went directly, although policy says it must not"
severity = "high"
status = "stable"
subject = "call"
meaning = """
The configuration forbids media bypass for this call, and yet media flowed, or was negotiated, between the endpoint and the peer
without the Mediation Server. Judged are calls that should not bypass and calls where that cannot be told. Only criteria of policy
count (parameter policy_criteria); a criterion that merely describes the call, such as its codecs, forbids nothing."""
impact = """
Media runs over links it was to be kept off: a narrow WAN link without admission control, or a carrier's network that now sees
internal addresses. Call quality suffers for everyone on that link, and a carrier may cut the media at its border."""
causes = [
    "A subnet is missing from the configuration, or in the wrong site, so that client and gateway share a bypass ID by mistake.",
    "Always Bypass is on, and the sites that were to be kept apart do not count.",
    "The site's bandwidth policy was removed, so that it inherits the bypass ID of its region.",
    "EnableBypass was changed on the trunk after the configuration was exported.",
    "A device sends media straight to the peer by its own settings.",
]
confirm = [
    "siplens explain CALL names the criterion that forbids bypass and the configuration line it comes from.",
    "Compare the bypass ID in the client's SDP (a=x-bypassid) with that of its subnet.",
    "In siplens call CALL, look at both ends of the RTP flows and at the SDP addresses on the trunk.",
]
fix = [
    "Put the client's subnet into its site with New-CsNetworkSubnet, with the right mask.",
    "Give the site behind the narrow link a bandwidth policy; that alone gives it a bypass ID of its own.",
    "Set EnableBypass to False for trunks whose peer must take media from the Mediation Server only.",
    "Import the configuration that was in force, with its valid_from date.",
]
falsepositives = [
    "The configuration imported is newer or older than the call.",
    "A peer that forwards media hides behind one address: what looks direct may pass a relay that the capture does not show.",
]
references = [
    "Microsoft: Plan for media bypass in Skype for Business, bypass and call admission control",
    "Microsoft: Deploy media bypass, trunks of internet telephony providers",
    "Microsoft: New-CsNetworkSite, BWPolicyProfileID",
]
[params]
policy_criteria = [
    "bypass_enabled_globally",
    "bypass_enabled_on_trunk",
    "trunk_settings_compatible",
    "peer_accepts_direct_media",
    "well_connected",
    "client_is_internal",
    "not_conference",
]
*/
with

forbidding as (
    select
        call_no,
        string_agg(criterion || coalesce(' (' || detail || ')', ''), '; ' order by criterion) as criteria,
        flatten(list(evidence order by criterion) filter (where evidence is not null)) as evidence
    from bypass_criterion
    where outcome = 'fail' and list_contains($policy_criteria, criterion)
    group by call_no
),

judged as (
    select
        bypass_assessment.*,
        call.peer_ip,
        coalesce(bypass_assessment.unknown_reason, media_path.observed_reason, 'no reason given') as undecided,
        media_path.evidence as path_evidence,
        forbidding.criteria,
        forbidding.evidence as policy_evidence
    from bypass_assessment
    inner join call using (call_no)
    left join media_path using (call_no)
    left join forbidding using (call_no)
    where
        (bypass_assessment.expected = 'unknown' or (bypass_assessment.expected = 'fail' and forbidding.criteria is not null))
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
        when judged.observed = 'fail' then 'pass'
        else 'fail'
    end as status,
    case
        when judged.expected = 'unknown' then 'cannot tell whether policy forbids bypass: ' || judged.undecided
        when judged.observed = 'unknown'
            then concat('policy forbids bypass, but the path of the media cannot be told: ', judged.undecided)
        when judged.observed = 'fail' then 'media went through the Mediation Server, as policy asks: ' || judged.criteria
        else 'media went directly, although policy forbids it: ' || judged.criteria
    end as reason,
    case
        when judged.expected = 'unknown' then judged.evidence
        else list_concat(judged.policy_evidence, judged.path_evidence)
    end as evidence
from judged
