/* Marks the finding $finding_id as waived now; the next run of rules reads the waiver. */
update finding set waived_until = $until, waive_reason = $reason
where finding_id = $finding_id
