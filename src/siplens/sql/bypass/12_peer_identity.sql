/* One row per signalling address of a peer that a configuration knows: its Identity in the newest of them. */
create or replace view peer_identity as
select
    peer_ip,
    arg_max(gateway, snapshot_id) as peer
from bypass_peer
where gateway is not null
group by peer_ip;

comment on view peer_identity is 'One row per signalling address of a peer that a configuration knows: its Identity in the newest of them.';
comment on column peer_identity.peer_ip is 'Signalling address of the gateway, IP-PBX or SBC.';
comment on column peer_identity.peer is 'Its Identity: peer_profile.peer. Of an address that is not here, that is the address.';
