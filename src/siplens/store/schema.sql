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
    tool_version varchar not null
);
comment on table rule_run is 'One row per run of rules.';
comment on column rule_run.run_id is 'Number of the run, rising.';
comment on column rule_run.started_at is 'When it began (UTC).';
comment on column rule_run.tool_version is 'siplens version.';

create table rule_count (
    run_id integer not null,
    rule_id varchar not null,
    passed bigint not null,
    failed bigint not null,
    unknown bigint not null
);
comment on table rule_count is 'One row per run and rule: how many subjects it judged, and how.';
comment on column rule_count.run_id is 'rule_run.run_id.';
comment on column rule_count.rule_id is 'Rule, such as EDL002.';
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
    waived_until timestamp,
    waive_reason varchar,
    run_id integer not null
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
comment on column finding.waived_until is 'Waived until then (UTC); NULL when not waived.';
comment on column finding.waive_reason is 'Why it was waived.';
comment on column finding.run_id is 'Run that last found it.';

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
