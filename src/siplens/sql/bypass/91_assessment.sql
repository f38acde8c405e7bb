/* One row per call: whether its media should have bypassed the Mediation Server, whether it did, and why, in words. */
create or replace view bypass_assessment as
select *
from bypass_assessment_by('bypass_criterion', null);

comment on view bypass_assessment is 'One row per call: media bypass expected, observed, and the verdict.';
comment on column bypass_assessment.call_no is 'call.call_no.';
comment on column bypass_assessment.expected is
'pass: all criteria pass; fail: one fails, bypass must not happen; unknown: it cannot be told.';
comment on column bypass_assessment.observed is
'pass: media was seen or negotiated directly; fail: through the Mediation Server or a relay; unknown.';
comment on column bypass_assessment.verdict is
'pass: as expected; fail: otherwise than expected; unknown: one of the two is not known.';
comment on column bypass_assessment.cause is
'Likeliest cause where expected and observed differ, or unknown; NULL where there is nothing to explain. See cause_detail.';
comment on column bypass_assessment.cause_detail is 'The cause with its values.';
comment on column bypass_assessment.reasons is
'Failing criteria with their details: why bypass is not expected. NULL where none fails.';
comment on column bypass_assessment.unknown_reason is 'What is not known, and why. NULL in a verdict of pass or fail.';
comment on column bypass_assessment.observed_reason is 'How the media path was told.';
comment on column bypass_assessment.evidence is
'Frames and lines behind the verdict: media path, criteria that did not pass, cause.';

comment on view bypass_criterion is 'One row per call and criterion of the bypass decision.';
comment on column bypass_criterion.call_no is 'call.call_no.';
comment on column bypass_criterion.criterion is 'criterion.criterion.';
comment on column bypass_criterion.outcome is 'pass, fail or unknown.';
comment on column bypass_criterion.detail is 'The values that decided it, in a sentence.';
comment on column bypass_criterion.evidence is 'Frames of the capture and lines of the configuration used.';
