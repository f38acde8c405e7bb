/* One row: the configuration imported last, which checks of the configuration itself are about; NULL without any. */
create or replace view newest_configuration as
select max(snapshot_id) as snapshot_id
from config_snapshot;

comment on view newest_configuration is 'One row: the configuration imported last, which checks of the configuration itself are about.';
comment on column newest_configuration.snapshot_id is 'config_snapshot.snapshot_id; NULL where none was imported.';
