/* Findings of calls that were dropped stand as last judged: no later run may take their absence for a cure. */
update part.finding set pruned_at = $now
where
    pruned_at is null
    and resolved_at is null
    and call_no is not null
    and call_no not in (select kept_call.call_no from kept_call)
