/* One row per peer address and name that signalling gives it: Request-URI towards it, Contact and Via from it. No configuration in it. */
-- needs: leg
create or replace table bypass_peer_name as
with

invite as (
    select
        leg.peer_ip,
        leg.invited_by,
        message.request_uri,
        message.contact_uri,
        message.via_sent_by,
        message.src_name,
        message.dst_name
    from leg inner join message on leg.invite_id = message.message_id
    where leg.side = 'peer' and leg.peer_ip is not null
),

-- One host per address and uri is enough: numbers before the @ make every uri another.
host_part as (
    select distinct
        peer_ip,
        regexp_replace(
            unnest(case when invited_by = 'peer' then [contact_uri, via_sent_by, src_name] else [request_uri, dst_name] end),
            '^[^@;?]*@',
            ''
        ) as part
    from invite
)

select distinct
    peer_ip,
    lower(regexp_extract(part, '^(?:sips?:)?(\[[^\]]*\]|[^:;?>]+)', 1)) as name
from host_part
where part is not null;

comment on table bypass_peer_name is 'One row per peer address and name that signalling gives it.';
comment on column bypass_peer_name.peer_ip is 'Signalling address of the gateway, IP-PBX or SBC.';
comment on column bypass_peer_name.name is 'Host part of a URI, or machine name, in lower case.';
