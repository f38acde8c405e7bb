/* What a run of rules gathers before it is recorded: failures and undecided subjects of all rules, and each rule's counts. */
create or replace temp table judgement (
    rule_id varchar,
    severity varchar,
    subject varchar,
    subject_id varchar,
    call_no integer,
    peer varchar,
    status varchar,
    reason varchar,
    evidence struct(source_id integer, frame bigint, line bigint, note varchar)[]
);

create or replace temp table judgement_count (
    rule_id varchar,
    passed bigint,
    failed bigint,
    unknown bigint
);
