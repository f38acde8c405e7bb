/* Calls for which bypass was expected ($expected: pass), not expected (fail) or where that is unknown. */
select call_no
from bypass_verdict
where expected = $expected
