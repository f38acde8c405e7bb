/*
criterion = "teams_sbc_can_bypass"
title = "The SBC can do what media bypass asks of it"
document = "Plan for media bypass with Direct Routing: REFER; Set-CsOnlinePSTNGateway, IPAddressVersion"
requirement = "teams"
judged = """
Bypass asks REFER of the SBC: its Allow names it. IPv6 works only without bypass. Where the SBC sent no Allow that was seen, nobody
can tell.
"""
*/
select
    call_no,
    case
        when lower(teams_ip_version) = 'ipv6' then 'fail'
        when peer_allow is null then 'unknown'
        when regexp_matches(peer_allow, '(?i)\bREFER\b') then 'pass'
        else 'fail'
    end as outcome,
    case
        when lower(teams_ip_version) = 'ipv6' then teams_words || ', IPAddressVersion IPv6: only without bypass'
        when peer_allow is null then 'no Allow of the SBC was seen, which would name REFER'
        else 'Allow of the SBC: ' || peer_allow
    end as detail,
    list_concat(teams_evidence, peer_invite, []) as evidence
from bypass_input
where mode = 'teams'
