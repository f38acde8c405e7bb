"""Queries for the SQL page: those of the cookbook, and those the user saves, each a .sql file in one folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from siplens.errors import SiplensError
from siplens.report.cookbook import Question, cookbook, read_question
from siplens.store import Store

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
MOST_ROWS = 2000
"""Rows that the page shows; a download holds all."""
FOLDER = "siplens-queries"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: column names, rows, and whether there are more than are shown."""

    columns: list[str]
    rows: list[tuple[object, ...]]
    more: bool


def run(store: Store, statement: str) -> Answer:
    """Runs one SELECT and reads as many rows as the page shows. Raises QueryError."""
    import duckdb

    from siplens.errors import QueryError

    if not statement.strip():
        raise QueryError("there is no SQL to run", hint="write a SELECT, or choose a query from the list")
    try:
        cursor = store.con.execute(statement)
        columns = [column[0] for column in cursor.description or []]
        rows = cursor.fetchmany(MOST_ROWS + 1) if columns else []
    except duckdb.Error as error:
        raise QueryError(str(error).strip()) from error
    return Answer(columns, rows[:MOST_ROWS], len(rows) > MOST_ROWS)


class SavedQueries:
    """The user's queries: <folder>/<name>.sql, which `siplens sql FILE` runs too."""

    def __init__(self, database: Path) -> None:
        self.folder = database.resolve().parent / FOLDER

    def all(self) -> list[Question]:
        """The saved queries, then those of the cookbook."""
        own = []
        for path in sorted(self.folder.glob("*.sql")) if self.folder.is_dir() else ():
            try:
                own.append(read_question(path))
            except (SiplensError, UnicodeDecodeError):
                continue  # a file of somebody else's
        return [*own, *cookbook()]

    def find(self, name: str) -> Question | None:
        """The query of that name, the user's own before the cookbook's."""
        return next((question for question in self.all() if question.name == name), None)

    def save(self, name: str, question: str, statement: str) -> Path:
        """Writes a query with the comment that says what it answers. Raises SiplensError for a name that is none."""
        if not NAME.fullmatch(name):
            raise SiplensError(f"{name!r} is no name for a query", hint="use letters, digits, - and _")
        if not statement.strip():
            raise SiplensError("there is no SQL to save")
        said = " ".join(question.replace("*/", "").replace("/*", "").split()) or name.replace("_", " ")
        body = statement.strip()
        if body.startswith("/*") and "*/" in body:
            body = body[body.index("*/") + 2 :].strip()
        self.folder.mkdir(exist_ok=True)
        path = self.folder / f"{name}.sql"
        path.write_text(f"/* {said} */\n{body}\n", encoding="utf-8")
        return path
