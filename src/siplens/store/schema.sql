/* Tables of the store that are neither raw records (siplens.records) nor derived (sql/): its own state, and the findings. */

create table store_info (
    schema_version integer not null,
    created_by varchar not null,
    created_at timestamp not null,
    changes bigint not null,
    derived_changes bigint,
    derived_by varchar
);
comment on table store_info is 'One row: which siplens made this database, and whether the derived tables are current.';
comment on column store_info.schema_version is 'Version of the raw tables. Another version is refused, with advice.';
comment on column store_info.created_by is 'siplens version that made the database.';
comment on column store_info.created_at is 'When the database was made (UTC).';
comment on column store_info.changes is 'Counts files ingested and configurations imported.';
comment on column store_info.derived_changes is 'Value of changes when the derived tables were made; NULL before the first time.';
comment on column store_info.derived_by is 'Digest of the SQL that made the derived tables.';

create sequence source_number start 1;

create table address (
    ip varchar primary key,
    ip_hex varchar not null,
    family tinyint not null
);
comment on table address is 'One row per distinct address text in the raw tables, with its numeric form for longest-prefix joins.';
comment on column address.ip is 'Canonical text.';
comment on column address.ip_hex is '32 hexadecimal digits, IPv4 as ::ffff:a.b.c.d: compares as a number does.';
comment on column address.family is '4 or 6.';

create table config_snapshot (
    snapshot_id integer primary key,
    imported_at timestamp not null,
    valid_from timestamp,
    label varchar
);
comment on table config_snapshot is 'One row per configuration import. A call is judged by the snapshot in force when it began.';
comment on column config_snapshot.snapshot_id is 'Number of the snapshot, rising.';
comment on column config_snapshot.imported_at is 'When it was imported (UTC).';
comment on column config_snapshot.valid_from is 'In force from this time (UTC); NULL: always was.';
comment on column config_snapshot.label is 'Names of the files imported.';

create table call_number (
    leg_fingerprint varchar primary key,
    call_no integer not null
);
comment on table call_number is 'One row per leg ever seen: the call number it was given, so that numbers stay when more is ingested.';
comment on column call_number.leg_fingerprint is 'leg.fingerprint.';
comment on column call_number.call_no is 'call.call_no.';

create table rule_run (
    run_id integer primary key,
    started_at timestamp not null,
    tool_version varchar not null,
    command varchar,
    configuration varchar,
    snapshot_id integer,
    changes bigint
);
comment on table rule_run is 'One row per run of rules.';
comment on column rule_run.run_id is 'Number of the run, rising.';
comment on column rule_run.started_at is 'When it began (UTC).';
comment on column rule_run.tool_version is 'siplens version.';
comment on column rule_run.command is 'check where a person or a job asked for it; NULL where another command brought findings up to date.';
comment on column rule_run.configuration is 'Digest of the configuration files in the database; NULL without any.';
comment on column rule_run.snapshot_id is 'Newest config_snapshot.snapshot_id at that time; NULL without any.';
comment on column rule_run.changes is 'store_info.changes at that time: files ingested and configurations imported.';

create table rule_count (
    run_id integer not null,
    rule_id varchar not null,
    rule_version varchar,
    severity varchar,
    passed bigint not null,
    failed bigint not null,
    unknown bigint not null
);
comment on table rule_count is 'One row per run and rule: how many subjects it judged, and how.';
comment on column rule_count.run_id is 'rule_run.run_id.';
comment on column rule_count.rule_id is 'Rule, such as EDL002.';
comment on column rule_count.rule_version is 'Digest of the rule''s text and of its parameters in that run.';
comment on column rule_count.severity is 'Severity that the rule had in that run.';
comment on column rule_count.passed is 'Subjects that passed.';
comment on column rule_count.failed is 'Subjects that failed.';
comment on column rule_count.unknown is 'Subjects that the evidence could not decide.';

create table finding (
    finding_id integer primary key,
    fingerprint varchar not null,
    rule_id varchar not null,
    severity varchar not null,
    subject varchar not null,
    subject_id varchar not null,
    call_no integer,
    peer varchar,
    status varchar not null,
    reason varchar not null,
    first_seen timestamp not null,
    last_seen timestamp not null,
    resolved_at timestamp,
    returned_at timestamp,
    waived_until timestamp,
    waive_reason varchar,
    run_id integer not null,
    pruned_at timestamp
);
comment on table finding is 'One row per rule and subject that failed or could not be decided, over all runs.';
comment on column finding.finding_id is 'Number of the finding, rising.';
comment on column finding.fingerprint is 'Digest of rule, subject and its own fingerprint: stable when evidence is ingested again.';
comment on column finding.rule_id is 'Rule, such as EDL002.';
comment on column finding.severity is 'critical, high, medium, low or info.';
comment on column finding.subject is 'Kind of subject: call, leg, dialog, peer, trunk or source.';
comment on column finding.subject_id is 'Which one, as text: call_no, leg_id, dialog_id, name.';
comment on column finding.call_no is 'The call concerned, where there is one.';
comment on column finding.peer is 'The peer concerned, where there is one.';
comment on column finding.status is 'fail or unknown.';
comment on column finding.reason is 'Why, in words.';
comment on column finding.first_seen is 'Run that first found it (UTC).';
comment on column finding.last_seen is 'Run that last found it (UTC).';
comment on column finding.resolved_at is 'Run that no longer found it (UTC); NULL while it stands.';
comment on column finding.returned_at is 'Run that found it again after it had been resolved (UTC); NULL where it never was.';
comment on column finding.waived_until is 'Waived until then (UTC); NULL when not waived.';
comment on column finding.waive_reason is 'Why it was waived.';
comment on column finding.run_id is 'Run that last found it.';
comment on column finding.pruned_at is 'When what it rests on was pruned (UTC): it stands as last judged, and is not judged again.';

create table waiver (
    waiver_id integer primary key,
    rule_id varchar not null,
    peer varchar,
    fingerprint varchar,
    reason varchar not null,
    made_at timestamp not null,
    until timestamp not null,
    lifted_at timestamp
);
comment on table waiver is 'One row per waiver: findings that are known and accepted until a day. They are shown, and do not fail a check.';
comment on column waiver.waiver_id is 'Number of the waiver, rising.';
comment on column waiver.rule_id is 'Rule whose findings it covers.';
comment on column waiver.peer is 'Only findings about this peer; NULL: any.';
comment on column waiver.fingerprint is 'finding.fingerprint of the one finding it covers; NULL: all of the rule, those to come too.';
comment on column waiver.reason is 'Why, in words.';
comment on column waiver.made_at is 'When it was made (UTC).';
comment on column waiver.until is 'It ends then (UTC).';
comment on column waiver.lifted_at is 'When it was taken back (UTC); NULL while it is in force.';

create table finding_evidence (
    finding_id integer not null,
    ordinal integer not null,
    source_id integer,
    frame bigint,
    line bigint,
    note varchar
);
comment on table finding_evidence is 'One row per piece of evidence: a frame of a capture, or a line of a log or configuration.';
comment on column finding_evidence.finding_id is 'finding.finding_id.';
comment on column finding_evidence.ordinal is 'Order within the finding, from 1.';
comment on column finding_evidence.source_id is 'source.source_id; its sha256 names the file.';
comment on column finding_evidence.frame is 'Frame number in a capture.';
comment on column finding_evidence.line is 'Line number in a log or configuration.';
comment on column finding_evidence.note is 'What is to be seen there.';

create table rule_day (
    rule_id varchar not null,
    day date not null,
    is_dated boolean not null,
    passed bigint not null,
    failed bigint not null,
    unknown bigint not null
);
comment on table rule_day is 'One row per rule and day: how the subjects of that day were last judged.';
comment on column rule_day.rule_id is 'Rule, such as EDL002.';
comment on column rule_day.day is 'Day (UTC) on which the calls, legs or dialogs began; for a peer or trunk, the day of the run.';
comment on column rule_day.is_dated is 'Whether the day is the subjects'' own; false: it is that of the run.';
comment on column rule_day.passed is 'Subjects that passed.';
comment on column rule_day.failed is 'Subjects that failed.';
comment on column rule_day.unknown is 'Subjects that the evidence could not decide.';

create table past_figure (
    day date not null,
    scope varchar not null,
    name varchar not null,
    measure varchar not null,
    hits bigint not null,
    total bigint not null,
    unknown bigint not null
);
comment on table past_figure is 'Daily figures of calls that were pruned: what stays of them. The view daily_rate adds them in.';
comment on column past_figure.day is 'Day (UTC) on which the calls began.';
comment on column past_figure.scope is 'all, trunk, site, peer or rule.';
comment on column past_figure.name is 'Which trunk, site, peer or rule.';
comment on column past_figure.measure is 'What was counted: see daily_rate.measure.';
comment on column past_figure.hits is 'Cases that show it.';
comment on column past_figure.total is 'Cases that could be decided.';
comment on column past_figure.unknown is 'Cases that could not.';

create table watched_file (
    path varchar not null,
    size_bytes bigint not null,
    modified_ns bigint not null,
    inode bigint not null,
    read_at timestamp not null,
    source_id integer,
    outcome varchar not null
);
comment on table watched_file is 'One row per state of a file that siplens watch has read: it never reads the same state twice.';
comment on column watched_file.path is 'Where the file is.';
comment on column watched_file.size_bytes is 'Its size when it was read.';
comment on column watched_file.modified_ns is 'When it was last written, in ns since 1970 (UTC), by the file system.';
comment on column watched_file.inode is 'Its number in the file system, by which a renamed file is known; 0 where there is none.';
comment on column watched_file.read_at is 'When it was read (UTC).';
comment on column watched_file.source_id is 'source.source_id; NULL where it is no capture and no log.';
comment on column watched_file.outcome is 'ingested, known (the same bytes were ingested before), or why it was refused.';

create table file_end (
    source_id integer not null,
    series varchar not null,
    last_ns bigint,
    messages bigint,
    unfinished bigint,
    health varchar,
    state blob,
    follows varchar,
    rest_sha256 varchar,
    read_again varchar
);
comment on table file_end is
'One row per capture or log that others may go on from: what was under way at its end. siplens itself needs it to join files; its
bytes are for the next file of the series only, and go when that is long read.';
comment on column file_end.source_id is 'source.source_id.';
comment on column file_end.series is 'What the files of one ring, or of one rolled log, have in common: folder, and name without numbers.';
comment on column file_end.last_ns is 'Time of a capture''s last packet, in ns since 1970; NULL for logs.';
comment on column file_end.messages is 'Messages of a capture besides those that its end cut; they count until the rest comes.';
comment on column file_end.unfinished is 'Messages of a capture that its end cut.';
comment on column file_end.health is 'Rows of capture_health that hold once the next file brings the rest, as JSON; NULL for logs.';
comment on column file_end.state is 'Announcements, TCP directions and fragments under way at a capture''s end.';
comment on column file_end.follows is 'Path of the file it goes on from; NULL where it begins by itself.';
comment on column file_end.rest_sha256 is 'Of a log: SHA-256 of the end of its last record, read in the next file; NULL: none.';
comment on column file_end.read_again is 'Path of the file that is to be read again, as a file joined to it came later; else NULL.';

create table run (
    run_no integer primary key,
    job varchar not null,
    due_at timestamp,
    since timestamp,
    until timestamp,
    started_at timestamp not null,
    ended_at timestamp,
    outcome varchar not null,
    exit_status integer,
    files integer,
    calls integer,
    findings integer,
    new_findings integer,
    report varchar,
    told varchar,
    detail varchar
);
comment on table run is 'One row per run of a scheduled job, in whatever way it ended.';
comment on column run.run_no is 'Number of the run, rising.';
comment on column run.job is 'Name of the job in siplens.toml.';
comment on column run.due_at is 'When the schedule wanted it (UTC); NULL: it was started by hand.';
comment on column run.since is 'Calls from this time on were reported (UTC).';
comment on column run.until is 'Calls before this time were reported (UTC).';
comment on column run.started_at is 'When it began (UTC).';
comment on column run.ended_at is 'When it ended (UTC); NULL while it runs, or where it was broken off.';
comment on column run.outcome is 'running, clean, findings, error, or broken off: it never came to its end.';
comment on column run.exit_status is '0 clean, 1 findings at or above fail_on, 2 error.';
comment on column run.files is 'Files ingested by this run.';
comment on column run.calls is 'Calls in the period.';
comment on column run.findings is 'Failures standing in the period.';
comment on column run.new_findings is 'Of those, new or changed since the job last told of them.';
comment on column run.report is 'Where the report was put.';
comment on column run.told is 'Whom it told, and whom it could not reach.';
comment on column run.detail is 'The error in words.';

create table told_finding (
    job varchar not null,
    destination varchar not null,
    fingerprint varchar not null,
    digest varchar not null,
    told_at timestamp not null
);
comment on table told_finding is 'One row per finding that a job told a destination of: it tells again only when the finding has changed.';
comment on column told_finding.job is 'Name of the job in siplens.toml.';
comment on column told_finding.destination is 'Name of the destination in siplens.toml.';
comment on column told_finding.fingerprint is 'finding.fingerprint.';
comment on column told_finding.digest is 'Digest of status, severity and reason when it was told.';
comment on column told_finding.told_at is 'When it was told (UTC).';

create table prune (
    pruned_at timestamp not null,
    before_ts timestamp not null,
    rows_dropped bigint not null,
    calls_dropped bigint not null,
    bytes_before bigint not null,
    bytes_after bigint not null
);
comment on table prune is 'One row per siplens prune: raw rows from before a day were dropped; findings and daily figures stay.';
comment on column prune.pruned_at is 'When (UTC).';
comment on column prune.before_ts is 'What ended before this time (UTC) was dropped.';
comment on column prune.rows_dropped is 'Raw rows dropped.';
comment on column prune.calls_dropped is 'Calls dropped.';
comment on column prune.bytes_before is 'Size of the database before, in bytes.';
comment on column prune.bytes_after is 'Size after, in bytes.';

create table diagnostic_meaning (
    first_id integer not null,
    last_id integer not null,
    meaning varchar not null,
    status varchar,
    bypass varchar,
    bypass_status varchar,
    from_user boolean not null
);
comment on table diagnostic_meaning is 'One row per range of ms-diagnostics ids: what they mean, and what for bypass.';
comment on column diagnostic_meaning.first_id is 'First id of the range.';
comment on column diagnostic_meaning.last_id is 'Last id of the range; the same for a single id.';
comment on column diagnostic_meaning.meaning is 'What such an id says.';
comment on column diagnostic_meaning.status is 'How well that is known: verified, inferred or unconfirmed.';
comment on column diagnostic_meaning.bypass is 'What it means for media bypass; NULL where nothing.';
comment on column diagnostic_meaning.bypass_status is 'How well that is known: verified, inferred or unconfirmed.';
comment on column diagnostic_meaning.from_user is 'True in lines of the user''s own table, which go before those shipped.';
