/*
criterion = "peer_accepts_direct_media"
title = "The peer takes media from endpoints directly"
document = "Technical requirements for media bypass in Lync Server 2013, requirement 2; Deploy media bypass in Skype for Business"
requirement = "2 direct media"
judged = """
Declared, not observed: enabling bypass on the trunk says that the peer takes media from endpoints; an entry for the
peer (AcceptsDirectMedia) overrules it, for the SBCs of many providers take media from the Mediation Server only. Where
the trunk does not enable bypass, nothing is declared.
"""
*/
select
    call_no,
    case
        when accepts_direct_media then 'pass'
        when not accepts_direct_media then 'fail'
        when enable_bypass then 'pass'
        else 'unknown'
    end as outcome,
    case
        when accepts_direct_media then 'the entry for ' || gateway || ' says AcceptsDirectMedia True'
        when
            not accepts_direct_media
            then 'the entry for ' || gateway || ' says AcceptsDirectMedia False: media only from the Mediation Server'
        when enable_bypass then 'trunk ' || trunk || ': EnableBypass True declares it, and no entry for the peer says otherwise'
        else
            coalesce(
                configuration_problem,
                trunk_problem,
                'trunk ' || trunk || ': ' || enable_bypass_words || ' declares nothing about direct media'
            )
    end as detail,
    list_concat(if(accepts_direct_media is null, trunk_evidence, gateway_evidence), []) as evidence
from bypass_input
where mode = 'server'
