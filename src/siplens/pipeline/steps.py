"""One SQL file of the derivation as it runs: it makes its table anew with all comments, or only fills the one that is there.

A table that the same SQL made before keeps its comments and its place in the catalogue: several hundred statements fewer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_COMMENTS = re.compile(r"^comment on ", re.MULTILINE)
_TABLE = re.compile(r"^create or replace table (\w+) as$", re.MULTILINE)
_FIXED = re.compile(r"^create (?:or replace (?:view|macro)|table if not exists) ", re.MULTILINE)
_NEEDS = re.compile(r"^-- needs: (.+)$", re.MULTILINE)


class Refill(NamedTuple):
    """What of a step is to run where its table, view or macro stands as this very text made it."""

    clears: str
    """The table whose rows go first; empty where the step adds to a table or changes one."""
    run: str
    """Statements; empty where nothing is to run."""
    needs: str
    """What must have rows, for without them the step adds and changes none: a table, or a table and a WHERE. Empty: nothing."""


def refill(text: str) -> Refill:
    """The text without what stands already. A line `-- needs: TABLE` or `-- needs: TABLE WHERE ...` says what the step builds on."""
    comments = _COMMENTS.search(text)
    body = text[: comments.start()].rstrip() + "\n" if comments else text
    needs = _NEEDS.search(body)
    if made := _TABLE.search(body):
        return Refill(made[1], f"{body[: made.start()]}insert into {made[1]}{body[made.end() :]}", needs[1] if needs else "")
    return Refill("", "" if _FIXED.search(body) else body, needs[1] if needs else "")
