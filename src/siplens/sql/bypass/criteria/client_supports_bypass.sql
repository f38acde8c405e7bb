/*
criterion = "client_supports_bypass"
title = "The client is Lync 2010 or later"
document = "How media bypass works (Lync Server 2010): only Lync 2010 and later clients and devices bypass"
requirement = "client"
judged = """
By User-Agent: UCCAPI or OC of version 4 and later (Lync 2010 is 4, Lync 2013 is 15, Skype for Business is 16) and Lync
phones (OCPhone, CPE) do; version 3 and earlier (Office Communicator 2007 R2) do not; for any other agent nobody can
tell. Where the agent was not seen, because the client's leg was not captured, the criterion passes: clients without
bypass left support before Lync 2013, and an agent that contradicts would have to be seen.
"""
*/
select
    call_no,
    case
        when client_agent is null then 'pass'
        when client_major <= 3 and not client_is_phone then 'fail'
        when client_major >= 4 or client_is_phone then 'pass'
        else 'unknown'
    end as outcome,
    case
        when client_agent is null and has_client_leg then 'the client names no User-Agent; nothing shows one older than Lync 2010'
        when client_agent is null then 'the client''s leg was not captured; nothing shows a client older than Lync 2010'
        when client_major <= 3 and not client_is_phone then client_agent || ' is older than Lync 2010'
        when client_major >= 4 or client_is_phone then client_agent
        else client_agent || ' is not known to use media bypass, nor not to'
    end as detail,
    coalesce(if(client_agent is null, [], client_invite), []) as evidence
from bypass_input
where mode = 'server'
