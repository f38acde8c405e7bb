"""Runs one rule's SQL into the temporary table rule_result, and checks that its rows are what a rule must return."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from siplens.errors import RuleError
from siplens.rules.header import did_you_mean
from siplens.rules.params import binding
from siplens.rules.rule import Rule

COLUMNS = ("subject_id", "status", "reason", "evidence")
"""Columns that every rule returns; call_no and peer are kept too where they are there, others are for the reader."""

_MAKE_TABLE = "CREATE OR REPLACE TEMP TABLE rule_result AS "  # on the first line, so that DuckDB's line numbers are the file's
_HERE = Path(__file__).resolve().parent
_FAULTS = (_HERE / "result_faults.sql").read_text(encoding="utf-8")
_SHAPE = (_HERE / "result_shape.sql").read_text(encoding="utf-8")


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


def check_result(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Checks columns, statuses and subjects of rule_result. Raises RuleError: what is wrong, with which subject."""
    names = [column[0] for column in con.execute("select * from rule_result limit 0").description or []]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        has = f"it has {', '.join(names)}"
        raise RuleError(f"{rule.path}: the result lacks the column {', '.join(missing)}", did_you_mean(missing[0], names) or has)
    try:
        con.execute(_SHAPE)
    except duckdb.Error as error:
        raise RuleError(
            f"{rule.path}: a column of the result has the wrong type: {str(error).splitlines()[0]}",
            "evidence is a list of {source_id, frame, line, note}; call_no is a whole number; the others are texts",
        ) from error
    fault = con.execute(_FAULTS).fetchone()
    if fault:
        raise RuleError(f"{rule.path}: {fault[0]}", fault[1])


def refused(rule: Rule, words: str) -> RuleError:
    """DuckDB's refusal as an error of ours: file, line, the line's text and a caret under the place."""
    what, _, advice = words.split("\n\nLINE ")[0].strip().partition("\n")
    message = f"DuckDB refuses the rule's SQL: {what}"
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
