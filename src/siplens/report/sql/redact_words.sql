/* One row per name (kind name) or host (kind host) that the calls $call_nos show of people and networks; NULL: all calls. */
with

own as (
    select distinct leg_message.message_id
    from leg_message
    inner join call_leg using (leg_id)
    where call_leg.call_no in (select unnest($call_nos))
),

messages as (
    select message.*
    from message
    where $call_nos is null or message.message_id in (select own.message_id from own)
),

uris as (
    select distinct unnest([from_uri, to_uri, contact_uri, request_uri, asserted_identity, referred_by, refer_to, diversion]) as uri
    from messages
),

taken as (
    select
        regexp_extract(uri, '(?i)sips?:([^@;>?]+)@', 1) as name,
        regexp_extract(uri, '(?i)sips?:(?:[^@>]*@)?([^:;>?\s]+)', 1) as host,
        regexp_extract(uri, '^\s*"?([^"<]*)"?\s*<', 1) as display
    from uris
    where uri is not null
),

configured as (
    select unnest([identity, mediationserver]) as host
    from gateway
    union
    select unnest([address, pool]) as host
    from mediation_server
),

words as (
    select
        'name' as kind,
        unnest([from_user, to_user, from_display]) as word
    from messages
    union
    select
        'name' as kind,
        unnest([name, display]) as word
    from taken
    union
    select
        'name' as kind,
        unnest([caller, called]) as word
    from call
    where $call_nos is null or call.call_no in (select unnest($call_nos))
    union
    select
        'host' as kind,
        host as word
    from taken
    union
    select
        'host' as kind,
        unnest([src_name, dst_name, regexp_replace(via_sent_by, ':\d+$', '')]) as word
    from messages
    union
    select
        'host' as kind,
        host as word
    from configured
)

select
    kind,
    trim(word) as word
from words
where length(trim(word)) > 0
order by kind, word
