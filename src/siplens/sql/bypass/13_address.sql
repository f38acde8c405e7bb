/*
One row per configuration snapshot and address of a client or peer: the longest configured subnet that holds it.

Prefixes lie within each other or apart. Their first addresses, and those after their last, cut the addresses into stretches, each with one
longest prefix: that is found per stretch, and an address needs only its stretch. Both families are numbers of 128 bits.
*/
-- needs: config_snapshot
create or replace table bypass_address as
with

newest as (
    select max(snapshot_id) as snapshot_id
    from config_snapshot
),

wanted as (
    select
        config_in_force.snapshot_id,
        bypass_fact.client_address as ip
    from bypass_fact inner join config_in_force using (call_no)
    union
    select
        snapshot_id,
        location_ip as ip
    from bypass_peer
    union
    select
        config_in_force.snapshot_id,
        bypass_fact.peer_media_ip as ip
    from bypass_fact inner join config_in_force using (call_no)
    union
    -- Every host seen, for host_place: by the newest snapshot.
    select
        newest.snapshot_id,
        host.ip
    from host cross join newest
),

numbered as (
    select
        wanted.snapshot_id,
        wanted.ip,
        address.ip_hex
    from wanted inner join address using (ip)
    where wanted.snapshot_id is not null
),

prefix as (
    select
        snapshot_id,
        subnet_no,
        host_bits,
        ('0x' || first_num)::uhugeint >> host_bits::uhugeint as prefix,
        ('0x' || first_num)::uhugeint as first_num,
        ('0x' || last_num)::uhugeint as last_num
    from bypass_subnet
),

edge as (
    select
        snapshot_id,
        first_num as num
    from prefix
    union
    select
        snapshot_id,
        last_num + 1 as num
    from prefix
    where last_num < 340282366920938463463374607431768211455::uhugeint
),

prefix_length as (
    select distinct
        snapshot_id,
        host_bits
    from prefix
),

stretch as (
    select
        edge.snapshot_id,
        edge.num,
        arg_min(prefix.subnet_no, prefix.host_bits) as subnet_no
    from edge
    inner join prefix_length using (snapshot_id)
    left join prefix
        on
            edge.snapshot_id = prefix.snapshot_id
            and prefix_length.host_bits = prefix.host_bits
            and edge.num >> prefix_length.host_bits::uhugeint = prefix.prefix
    group by edge.snapshot_id, edge.num
)

select
    numbered.snapshot_id,
    numbered.ip,
    stretch.subnet_no
from numbered
asof left join stretch
    on numbered.snapshot_id = stretch.snapshot_id and ('0x' || numbered.ip_hex)::uhugeint >= stretch.num;

comment on table bypass_address is 'One row per configuration snapshot and address: the longest configured subnet that holds it.';
comment on column bypass_address.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_address.ip is 'Address, canonical text.';
comment on column bypass_address.subnet_no is 'bypass_subnet.subnet_no; NULL: no configured subnet holds the address.';
