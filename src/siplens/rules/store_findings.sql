/* Records the judgements of the run last begun: findings new, standing and resolved, their evidence, and the counts.
   Runs inside the engine's transaction. */

create or replace temp table found as
with

calls_of_legs as (
    select
        leg_id,
        min(call_no) as call_no
    from call_leg
    group by leg_id
),

known_subjects as (
    select
        'call' as subject,
        cast(call_no as varchar) as subject_id,
        fingerprint,
        call_no
    from call
    union all
    select
        'leg' as subject,
        cast(leg.leg_id as varchar) as subject_id,
        leg.fingerprint,
        calls_of_legs.call_no
    from leg
    left join calls_of_legs using (leg_id)
    union all
    select
        'dialog' as subject,
        cast(dialog.dialog_id as varchar) as subject_id,
        dialog.fingerprint,
        calls_of_legs.call_no
    from dialog
    left join calls_of_legs using (leg_id)
    union all
    select
        'source' as subject,
        cast(source_id as varchar) as subject_id,
        sha256 as fingerprint,
        null as call_no
    from source
),

peer_addresses as (
    select
        peer,
        unnest(peer_ips) as peer_ip
    from peer_profile
),

peer_names as (
    select
        peer_ip,
        min(peer) as peer_name
    from peer_addresses
    group by peer_ip
),

named as (
    select
        judgement.* replace (
            coalesce(judgement.call_no, known_subjects.call_no) as call_no,
            -- Rules name a peer by its signalling address; people know it by its Identity in the configuration.
            coalesce(peer_names.peer_name, judgement.peer) as peer
        ),
        -- A subject without a fingerprint of its own (a peer, a trunk) is known by its name.
        concat_ws('|', judgement.rule_id, judgement.subject, coalesce(known_subjects.fingerprint, judgement.subject_id)) as full_name
    from judgement
    left join known_subjects using (subject, subject_id)
    left join peer_names on judgement.peer = peer_names.peer_ip
),

fingerprinted as (
    select
        * exclude (full_name),
        -- A Call-ID and tag used twice make two legs with one fingerprint: the later ones are told apart by their order.
        md5(full_name || repeat('|again', row_number() over (partition by full_name order by subject_id) - 1)) as fingerprint
    from named
),

this_run as (
    select
        max(run_id) as run_id,
        max_by(started_at, run_id) as started_at
    from rule_run
),

-- Of several waivers the one that lasts longest counts.
waived as (
    select
        fingerprinted.fingerprint,
        max(waiver.until) as until,
        max_by(waiver.reason, waiver.until) as reason
    from fingerprinted
    inner join waiver
        on
            fingerprinted.rule_id = waiver.rule_id
            and coalesce(fingerprinted.fingerprint = waiver.fingerprint, true)
            and coalesce(fingerprinted.peer = waiver.peer, waiver.peer is null)
            and waiver.lifted_at is null
    group by fingerprinted.fingerprint
),

numbers_taken as (
    select coalesce(max(finding_id), 0) as highest
    from finding
)

select
    fingerprinted.*,
    coalesce(
        finding.finding_id,
        numbers_taken.highest
        + row_number() over (
            partition by finding.finding_id is null
            order by fingerprinted.rule_id, fingerprinted.call_no, fingerprinted.subject_id
        )
    ) as finding_id,
    coalesce(finding.first_seen, this_run.started_at) as first_seen,
    this_run.started_at as last_seen,
    if(finding.resolved_at is null, finding.returned_at, this_run.started_at) as returned_at,
    coalesce(waived.until, finding.waived_until) as waived_until,
    coalesce(waived.reason, finding.waive_reason) as waive_reason,
    this_run.run_id
from fingerprinted
cross join this_run
cross join numbers_taken
left join finding on fingerprinted.fingerprint = finding.fingerprint
left join waived on fingerprinted.fingerprint = waived.fingerprint;

-- What was found of a peer or a trunk before a prune, and is not found in the calls that are left, stands as it was last judged.
update finding set pruned_at = (select max_by(started_at, run_id) from rule_run)
where
    resolved_at is null
    and pruned_at is null
    and call_no is null
    and last_seen < (select max(prune.pruned_at) from prune)
    and rule_id in (select rule_id from judgement_count)
    and fingerprint not in (select fingerprint from found);

update finding set resolved_at = (select max_by(started_at, run_id) from rule_run)
where
    resolved_at is null
    and pruned_at is null  -- its calls are no longer here: not found is not resolved
    and rule_id in (select rule_id from judgement_count)
    and fingerprint not in (select fingerprint from found);

-- Standing findings are written anew: a hundred thousand scattered updates take a hundred times longer.
delete from finding
where finding_id in (select finding_id from found);

insert into finding by name
select * exclude (evidence)
from found;

delete from finding_evidence
where finding_id in (select finding_id from found);

insert into finding_evidence by name
with

pieces as (
    select
        finding_id,
        unnest(evidence) as piece,
        unnest(range(1, len(evidence) + 1)) as ordinal
    from found
)

-- A rule names a message by its number; what leads to no file is left out.
select
    pieces.finding_id,
    pieces.ordinal,
    coalesce(pieces.piece.source_id, message.source_id) as source_id,
    coalesce(pieces.piece.frame, message.frame) as frame,
    coalesce(pieces.piece.line, message.line) as line,
    pieces.piece.note
from pieces
left join message on pieces.piece.message_id = message.message_id
where pieces.piece.source_id is not null or message.source_id is not null;

insert into rule_count by name
select
    *,
    (select max(rule_run.run_id) from rule_run) as run_id
from judgement_count;

-- A day's subjects are judged anew in each run; those without a day of their own count on the day of the run. Days before a
-- prune stay as they were counted: their calls are no longer here.
delete from rule_day
where
    rule_id in (select rule_id from judgement_count)
    and (
        (is_dated and day >= (select coalesce(max(cast(before_ts as date)), date '0001-01-01') from prune))
        or day = (select cast(max_by(started_at, run_id) as date) from rule_run)
    );

insert into rule_day by name
with

this_run as (
    select cast(max_by(started_at, run_id) as date) as day
    from rule_run
),

last_prune as (
    select coalesce(max(cast(before_ts as date)), date '0001-01-01') as day
    from prune
)

select
    judgement_day.* replace (coalesce(judgement_day.day, this_run.day) as day),
    judgement_day.day is not null as is_dated
from judgement_day
cross join this_run
cross join last_prune
where coalesce(judgement_day.day >= last_prune.day, true)
