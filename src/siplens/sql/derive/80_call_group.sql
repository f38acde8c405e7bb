/* One row per leg: the first leg of the call it belongs to, found along the chosen links. */
-- needs: leg
create or replace table call_group as
with recursive

chosen as (
    select distinct
        leg_a,
        leg_b
    from leg_link
    where chosen
),

member as (
    select
        leg.leg_id,
        leg.leg_id as root_id
    from leg
    anti join chosen on leg.leg_id = chosen.leg_b
    union all
    select
        chosen.leg_b as leg_id,
        member.root_id
    from member
    inner join chosen on member.leg_id = chosen.leg_a
)

select
    member.leg_id,
    member.root_id,
    leg.fingerprint
from member
inner join leg on member.leg_id = leg.leg_id;

comment on table call_group is 'One row per leg: the first leg of the call it belongs to.';
comment on column call_group.leg_id is 'leg.leg_id.';
comment on column call_group.root_id is 'leg.leg_id of the first leg of the call.';
comment on column call_group.fingerprint is 'leg.fingerprint.';
