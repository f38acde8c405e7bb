/*
id = "BYP006"
title = "Microsoft's own bypass flag disagrees with what was observed"
severity = "medium"
status = "stable"
subject = "call"
meaning = """
A quality report of this call carries MediationServerBypassFlag, the product's own word on whether media was bypassed, and it says
otherwise than the capture or the SDP of both legs. Judged are calls with a quality report that has the flag."""
impact = """
One of the two is wrong: either reports count calls as bypassed that are not, or siplens saw only part of the media."""
causes = [
    "Media changed its path during the call; the report tells of one moment, the capture of all.",
    "The capture saw signalling of one leg only.",
    "The report belongs to another leg or call with the same Call-ID.",
]
confirm = [
    "siplens call CALL: media path, signalled and observed, and the quality report.",
    "siplens sql \"select * from qoe_report\": the flag as written.",
]
fix = [
    "Believe the capture where media was seen directly; report a disagreement that stays, for one of the two is a fault.",
]
falsepositives = [
    "A call that was bypassed for a part of its time.",
]
references = [
    "MS-QoE section 2.2.1.4: v2:MediationServerBypassFlag",
    "Microsoft: Session table of the QoE database, MediationServerBypassFlag",
]
*/
with

reported as (
    select
        call_leg.call_no,
        max(qoe_report.mediation_bypass_flag) as words,
        bool_or(lower(trim(qoe_report.mediation_bypass_flag)) in ('1', 'true')) as is_bypassed,
        bool_and(lower(trim(qoe_report.mediation_bypass_flag)) in ('0', 'false', '1', 'true')) as is_known,
        min(qoe_report.message_id) as message_id
    from qoe_report
    inner join leg on qoe_report.reported_call_id = leg.call_id
    inner join call_leg using (leg_id)
    where qoe_report.mediation_bypass_flag is not null
    group by call_leg.call_no
),

judged as (
    select
        reported.*,
        call.peer_ip,
        bypass_assessment.observed,
        bypass_assessment.observed_reason,
        bypass_assessment.evidence as path_evidence,
        case
            when not reported.is_known or coalesce(bypass_assessment.observed, 'unknown') = 'unknown' then 'unknown'
            when reported.is_bypassed = (bypass_assessment.observed = 'pass') then 'pass'
            else 'fail'
        end as status
    from reported
    inner join call using (call_no)
    left join bypass_assessment using (call_no)
)

select
    call_no as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when not is_known then format('the quality report''s MediationServerBypassFlag is {}, which is not known', words)
        when status = 'unknown'
            then format('the quality report says {}, but what happened was not observed', if(is_bypassed, 'bypassed', 'not bypassed'))
        when status = 'pass' then format('the quality report says {}, as observed', if(is_bypassed, 'bypassed', 'not bypassed'))
        else concat(
            format('the quality report says {}, but media went ', if(is_bypassed, 'bypassed', 'not bypassed')),
            if(observed = 'pass', 'directly', 'through the Mediation Server'),
            ': ' || observed_reason
        )
    end as reason,
    list_concat([{ 'message_id': message_id, 'note': 'quality report' }], path_evidence) as evidence
from judged
