/* Tables of the data files beside: one row per vendor, one per address range of relays. Made and filled anew with every derivation. */
create or replace table known_vendor (vendor varchar, match varchar, max_early_dialogs integer, behaviour varchar, document varchar);
comment on table known_vendor is
'One row per vendor whose handling of early dialogs is documented. The configuration''s own vendor rows go before these.';
comment on column known_vendor.vendor is 'Name.';
comment on column known_vendor.match is 'Text found in the gateway''s Vendor or its User-Agent, whatever the case.';
comment on column known_vendor.max_early_dialogs is
'Early dialogs that the vendor says its products take for one INVITE; NULL where it says nothing.';
comment on column known_vendor.behaviour is 'What is documented of its handling of forks.';
comment on column known_vendor.document is 'Where that is written.';

create or replace table known_relay (range varchar, first_num varchar, last_num varchar, role varchar, document varchar);
comment on table known_relay is
'One row per address range of Microsoft''s media relays. Any relay_range of the configuration replaces these.';
comment on column known_relay.range is 'Range, as prefix.';
comment on column known_relay.first_num is 'First address as 32 hexadecimal digits, as in address.ip_hex.';
comment on column known_relay.last_num is 'Last address, in the same form.';
comment on column known_relay.role is 'relay or media processor.';
comment on column known_relay.document is 'Where that is written.';
