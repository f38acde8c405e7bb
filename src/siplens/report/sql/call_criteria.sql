/* One row per bypass criterion of the call $call_no; evidence names files. */
select
    bypass_criterion.criterion,
    criterion.title,
    criterion.document,
    criterion.requirement,
    bypass_criterion.outcome,
    bypass_criterion.detail,
    list_transform(
        coalesce(bypass_criterion.evidence, []),
        lambda e: {
            'file': (select regexp_extract(source.path, '[^/\\]+$') from source where source.source_id = e.source_id),
            'frame': e.frame, 'line': e.line, 'note': e.note
        }
    ) as evidence
from bypass_criterion
left join criterion using (criterion)
where bypass_criterion.call_no = $call_no
order by bypass_criterion.outcome <> 'fail', bypass_criterion.outcome <> 'unknown', bypass_criterion.criterion
