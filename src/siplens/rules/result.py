"""Runs one rule's SQL into the temporary table rule_result, and checks that its rows are what a rule must return."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import duckdb

from siplens.errors import RuleError
from siplens.rules.header import did_you_mean
from siplens.rules.params import binding
from siplens.rules.rule import Rule

COLUMNS = ("subject_id", "status", "reason", "evidence")
"""Columns that every rule returns; call_no and peer are kept too where they are there, others are for the reader."""

_MAKE_TABLE = "CREATE OR REPLACE TEMP TABLE rule_result AS "  # on the first line, so that DuckDB's line numbers are the file's
_HERE = Path(__file__).resolve().parent
_COUNTS = (_HERE / "result_counts.sql").read_text(encoding="utf-8")
_FAULTS = (_HERE / "result_faults.sql").read_text(encoding="utf-8")
_SHAPE = (_HERE / "result_shape.sql").read_text(encoding="utf-8")


class Counts(NamedTuple):
    """How many subjects a rule judged, by verdict."""

    passed: int
    failed: int
    unknown: int


def make_result(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Runs the rule inside the caller's read-only transaction. Raises RuleError with the place in the file.

    The transaction is what keeps a rule from writing: a SELECT could still hold an INSERT in a CTE.
    """
    values = binding(rule, _single_select(rule).named_parameters)
    try:
        con.execute(_MAKE_TABLE + rule.sql, values)
    except duckdb.TransactionException as error:
        raise RuleError(f"{rule.path}: the rule tries to write to the database", "a rule only reads: one SELECT over the tables") from error
    except duckdb.Error as error:
        raise refused(rule, str(error)) from error


def check_result(con: duckdb.DuckDBPyConnection, rule: Rule) -> Counts:
    """Counts the rows of rule_result by verdict. Raises RuleError where they are no rule's rows: what is wrong, with which subject.

    As few queries as can be, where all is well: the time that a rule takes besides its own SQL counts fifty times.
    """
    if missing := _missing_column(con, rule):
        raise missing
    try:
        passed, failed, unknown, total, subjects, without_reason, _ = con.execute(_COUNTS).fetchone() or (0,) * 7
    except duckdb.BinderException as error:
        raise wrong_type(rule, error) from error
    if passed + failed + unknown != total or subjects != total or without_reason:
        what, advice = con.execute(_FAULTS).fetchone() or ("its rows cannot be counted", None)
        raise RuleError(f"{rule.path}: {what}", advice)
    return Counts(passed, failed, unknown)


def check_shape(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Raises RuleError where a column of rule_result is not of the type that a finding holds."""
    try:
        con.execute(_SHAPE)
    except duckdb.Error as error:
        raise wrong_type(rule, error) from error


def _missing_column(con: duckdb.DuckDBPyConnection, rule: Rule) -> RuleError | None:
    """What to say of a column that the last SELECT does not return, with the place of that SELECT; None where all are there."""
    names = [column[0] for column in con.execute("select * from rule_result limit 0").description or []]
    missing = [name for name in COLUMNS if name not in names]
    if not missing:
        return None
    lines = rule.sql.split("\n")
    number = max((n for n, line in enumerate(lines, 1) if re.match(r"select\b", line, re.IGNORECASE)), default=1)
    has = f"it has {', '.join(names)}"
    return RuleError(
        f"{rule.path}:{number}: the result lacks the column {', '.join(missing)}\n{lines[number - 1]}\n^",
        did_you_mean(missing[0], names) or has,
    )


def wrong_type(rule: Rule, error: duckdb.Error) -> RuleError:
    """The refusal of a column whose values cannot be read as what a finding holds."""
    return RuleError(
        f"{rule.path}: a column of the result has the wrong type: {str(error).splitlines()[0]}",
        "evidence is a list of {message_id, note} or {source_id, frame, line, note}; call_no is a whole number; the others are texts",
    )


def refused(rule: Rule, words: str) -> RuleError:
    """DuckDB's refusal as an error of ours: file, line, the line's text and a caret under the place."""
    what, _, advice = words.split("\n\nLINE ")[0].strip().partition("\n")
    message = f"DuckDB refuses the rule's SQL: {what}"
    candidates = re.findall(r'"([^"]+)"', advice) if "Candidate" in advice else []
    advice = f"did you mean {' or '.join(candidates[:3])}?" if candidates else " ".join(advice.split())
    place = re.search(r"^(LINE (\d+): )(.*)\n( *)\^", words, re.MULTILINE)
    if not place:
        return RuleError(f"{rule.path}: {message}", advice or None)
    line = place[3].removeprefix(_MAKE_TABLE)
    caret = len(place[4]) - len(place[1]) - (len(place[3]) - len(line))
    return RuleError(f"{rule.path}:{place[2]}: {message}\n{line}\n{' ' * caret}^", advice or None)


def _single_select(rule: Rule) -> duckdb.Statement:
    try:
        statements = duckdb.extract_statements(rule.sql)
    except duckdb.Error as error:
        raise refused(rule, str(error)) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(statement.type.name for statement in statements) or "nothing"
        raise RuleError(
            f"{rule.path}: a rule is one SELECT; this file holds {kinds}",
            "write the steps as CTEs: with … as (…) select …",
        )
    return statements[0]
