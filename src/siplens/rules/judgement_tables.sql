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
    evidence struct(source_id integer, frame bigint, line bigint, note varchar, message_id bigint)[]
);

create or replace temp table judgement_count (
    rule_id varchar,
    rule_version varchar,
    severity varchar,
    passed bigint,
    failed bigint,
    unknown bigint
);

create or replace temp table judgement_day (
    rule_id varchar,
    day date,
    passed bigint,
    failed bigint,
    unknown bigint
);

-- The day on which each subject began. A peer or a trunk has none.
create or replace temp table subject_day as
select
    'call' as subject,
    call_no as number,
    cast(started_ts as date) as day
from call
union all
select
    'leg' as subject,
    leg_id as number,
    cast(started_ts as date) as day
from leg
union all
select
    'dialog' as subject,
    dialog_id as number,
    cast(first_ts as date) as day
from dialog
union all
select
    'source' as subject,
    source_id as number,
    cast(first_ts as date) as day
from source
