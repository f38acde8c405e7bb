/* Calls for which bypass was expected ($expected: pass), not expected (fail) or where that is unknown. */
select call_no
from bypass_assessment
where expected = $expected
