/* One row per leg, with the number of its call. */
-- needs: call_group
create or replace table call_leg as
select
    call_number.call_no,
    call_group.leg_id,
    leg.side,
    call_group.leg_id = call_group.root_id as is_first
from call_group
inner join leg on call_group.leg_id = leg.leg_id
inner join call_number on call_group.fingerprint = call_number.leg_fingerprint;

comment on table call_leg is 'One row per leg, with the number of its call.';
comment on column call_leg.call_no is 'call.call_no.';
comment on column call_leg.leg_id is 'leg.leg_id.';
comment on column call_leg.side is 'leg.side: client, peer or unknown.';
comment on column call_leg.is_first is 'True for the leg that began the call.';
