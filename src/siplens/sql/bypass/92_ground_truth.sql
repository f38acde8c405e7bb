/*
One row per call that the product itself reported on: its own flag of media bypass against what siplens saw, and what it expected.

A report is tied to its call by the Call-ID of one of the call's legs. A row of the QoE Session table that names no Call-ID is tied by
its start, within two seconds, to the one call of those numbers; where it has no numbers either, of that end. Reports that contradict
each other say nothing.
*/
create or replace view bypass_ground_truth as
with

by_call_id as (
    select
        call_leg.call_no,
        qoe_report.bypassed,
        'quality report' as told_by,
        nullif(qoe_report.bypass_warning, '') as warning,
        { 'source_id': message.source_id, 'frame': message.frame, 'line': message.line, 'note': 'quality report' } as seen
    from qoe_report
    inner join leg on qoe_report.reported_call_id = leg.call_id
    inner join call_leg on leg.leg_id = call_leg.leg_id
    inner join message on qoe_report.message_id = message.message_id
    where qoe_report.bypassed is not null
    union all
    select
        call_leg.call_no,
        qoe_session.bypassed,
        'QoE Session table' as told_by,
        if(qoe_session.bypass_warning_flag = 1, 'unknown bypass ID for the default network adapter', null) as warning,
        {
            'source_id': qoe_session.source_id, 'frame': null::bigint, 'line': qoe_session.line, 'note': 'row of the QoE Session table'
        } as seen
    from qoe_session
    inner join leg on qoe_session.session_call_id = leg.call_id
    inner join call_leg on leg.leg_id = call_leg.leg_id
    where qoe_session.bypassed is not null
),

nameless as (
    select
        qoe_session.*,
        regexp_extract(qoe_session.caller, '^(?:sips?:|tel:)?([^@;]+)', 1) as caller_user,
        regexp_extract(qoe_session.callee, '^(?:sips?:|tel:)?([^@;]+)', 1) as callee_user
    from qoe_session
    anti join leg on qoe_session.session_call_id = leg.call_id
    where qoe_session.bypassed is not null and qoe_session.started_ts is not null
),

by_time as (
    select
        nameless.source_id,
        nameless.line,
        any_value(call.call_no) as call_no,
        any_value(nameless.bypassed) as bypassed,
        any_value(nameless.bypass_warning_flag) as warning_flag
    from nameless
    inner join call
        on
            nameless.started_ts between call.started_ts - interval 2 seconds and call.started_ts + interval 2 seconds
            and case
                when nameless.caller_user <> '' or nameless.callee_user <> ''
                    then nameless.caller_user = call.caller or nameless.callee_user = call.called
                else abs(epoch(call.ended_ts) - epoch(nameless.ended_ts)) <= 2
            end
    group by nameless.source_id, nameless.line
    having count(*) = 1
),

told as (
    select * from by_call_id
    union all
    select
        by_time.call_no,
        by_time.bypassed,
        'QoE Session table, by time' as told_by,
        if(by_time.warning_flag = 1, 'unknown bypass ID for the default network adapter', null) as warning,
        { 'source_id': by_time.source_id, 'frame': null::bigint, 'line': by_time.line, 'note': 'row of the QoE Session table' } as seen
    from by_time
),

per_call as (
    select
        told.call_no,
        case when bool_and(told.bypassed) then 'pass' when not bool_or(told.bypassed) then 'fail' else 'unknown' end as reported,
        string_agg(distinct told.told_by, ', ' order by told.told_by) as told_by,
        any_value(told.warning) as warning,
        list(told.seen) as evidence
    from told
    group by told.call_no
)

select
    per_call.call_no,
    per_call.reported,
    bypass_verdict.observed,
    bypass_verdict.expected,
    case
        when per_call.reported = 'unknown' or bypass_verdict.observed = 'unknown' then 'unknown'
        when per_call.reported = bypass_verdict.observed then 'agrees'
        else 'differs'
    end as agreement,
    per_call.told_by,
    per_call.warning,
    per_call.evidence
from per_call
inner join bypass_verdict on per_call.call_no = bypass_verdict.call_no;

comment on view bypass_ground_truth is
'One row per call that the product itself reported on: its flag of media bypass against ours.';
comment on column bypass_ground_truth.call_no is 'call.call_no.';
comment on column bypass_ground_truth.reported is
'pass: the product says that the call bypassed; fail: that it did not; unknown: its reports differ.';
comment on column bypass_ground_truth.observed is 'bypass_assessment.observed.';
comment on column bypass_ground_truth.expected is 'bypass_assessment.expected.';
comment on column bypass_ground_truth.agreement is 'agrees, differs or unknown: reported against observed.';
comment on column bypass_ground_truth.told_by is 'quality report (SERVICE), or QoE Session table; by time, where no Call-ID tied them.';
comment on column bypass_ground_truth.warning is
'What the product says of why the call did not bypass although the bypass IDs matched; NULL: nothing.';
comment on column bypass_ground_truth.evidence is 'Where the reports are.';
