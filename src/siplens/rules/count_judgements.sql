/* Adds the rule's counts to judgement_count. */
insert into judgement_count values ($rule_id, $rule_version, $severity, $passed, $failed, $unknown)
