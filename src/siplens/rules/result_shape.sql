/* Fails where the columns of rule_result cannot be read as what a finding holds. Returns nothing of use. */
with

shape as (
    select
        cast(null as integer) as call_no,
        cast(null as varchar) as peer,
        cast(null as varchar) as status,
        cast(null as varchar) as reason,
        cast(null as struct(source_id integer, frame bigint, line bigint, note varchar, message_id bigint)[]) as evidence
    where false
),

shaped as (
    select * from shape
    union all by name
    select * from rule_result
)

select
    max(call_no) as call_no,
    max(peer) as peer,
    max(status) as status,
    max(reason) as reason,
    max(len(evidence)) as evidence
from shaped
