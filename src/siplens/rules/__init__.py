"""Rules: SQL files that judge subjects in three values, and the engine that finds, runs and records them.

A rule is one file, `<family>/<ID>_<name>.sql`; nothing else names it. The modules here know nothing of SIP: what a rule
means stands in its header, what it judges in its SQL.
"""

from siplens.rules.explain import Section, documentation
from siplens.rules.load import load_rules, select_rules
from siplens.rules.params import with_overrides
from siplens.rules.rule import Rule, RuleStatus, Severity
from siplens.rules.run import Outcome, RuleCount, judge, run_rules, try_rule
from siplens.rules.settings import load_own_rules

__all__ = [
    "Outcome",
    "Rule",
    "RuleCount",
    "RuleStatus",
    "Section",
    "Severity",
    "documentation",
    "judge",
    "load_own_rules",
    "load_rules",
    "run_rules",
    "select_rules",
    "try_rule",
    "with_overrides",
]
