/* One number: calls of which bypass is expected otherwise than before. */
select count(*) as changed
from base.main.bypass_verdict as before
inner join main.bypass_verdict as after on before.call_no = after.call_no
where before.expected <> after.expected
