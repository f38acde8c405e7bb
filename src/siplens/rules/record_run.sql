/* Begins a run in the history: when, by what, on which evidence and configuration. */
insert into rule_run by name
select
    $run_id as run_id,
    $started_at as started_at,
    $tool_version as tool_version,
    $command as command,
    $configuration as configuration,
    (select max(snapshot_id) from config_snapshot) as snapshot_id,
    (select changes from store_info) as changes
