"""The cookbook: questions about media bypass that were asked before, each one SQL file in report/cookbook, ready to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from siplens.errors import SiplensError
from siplens.resources import sql_files

_NUMBERED = re.compile(r"^\d+_")


@dataclass(frozen=True, slots=True)
class Question:
    """One question and the SQL that answers it."""

    name: str
    """What `siplens sql @NAME` calls it."""
    question: str
    sql: str
    """The whole file, its comment included."""


def read_question(path: Path) -> Question:
    """The question of one SQL file: the comment it begins with. Raises SiplensError where there is none."""
    text = path.read_text(encoding="utf-8").strip()
    if not text.startswith("/*") or "*/" not in text:
        raise SiplensError(f"{path}:1: a saved query begins with a comment that says what it answers", hint="such as /* Which calls …? */")
    question = " ".join(text[2 : text.index("*/")].split())
    return Question(_NUMBERED.sub("", path.stem), question, text)


@cache
def cookbook() -> tuple[Question, ...]:
    """The shipped questions, in order."""
    return tuple(read_question(path) for path in sql_files("report", "cookbook"))


def find_question(name: str) -> Question:
    """The shipped question of that name. Raises SiplensError with those that come near."""
    import difflib

    by_name = {question.name: question for question in cookbook()}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, by_name, 3, 0.4)
    raise SiplensError(f"there is no query @{name} in the cookbook", hint="near it: " + ", ".join(near) if near else "'siplens sql --list'")


def cookbook_markdown() -> str:
    """The cookbook as a Markdown page: docs/cookbook.md."""
    lines = [
        "# Cookbook",
        "",
        f"{len(cookbook())} questions that come up in work on media bypass, with the SQL that answers them. Run one by its name, "
        "or copy it and change it:",
        "",
        "```sh",
        f"siplens sql @{cookbook()[0].name}",
        "siplens sql --list                # all of them",
        "```",
        "",
        "Tables and columns are explained by `siplens schema [TABLE]`. This page is written by `siplens docs cookbook`.",
        "",
    ]
    for number, question in enumerate(cookbook(), 1):
        body = question.sql[question.sql.index("*/") + 2 :].strip()
        lines += [f"## {number}. {question.question}", "", f"`siplens sql @{question.name}`", "", "```sql", body, "```", ""]
    return "\n".join(lines)
