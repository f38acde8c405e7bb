"""One SQL file of the derivation as it runs: it makes its table anew with all comments, or only fills the one that is there.

A table that the same SQL made before keeps its comments and its place in the catalogue: several hundred statements fewer.
"""

from __future__ import annotations

import re

_COMMENTS = re.compile(r"^comment on ", re.MULTILINE)
_TABLE = re.compile(r"^create or replace table (\w+) as$", re.MULTILINE)
_FIXED = re.compile(r"^create or replace (view|macro) ", re.MULTILINE)


def refilling(text: str) -> str:
    """What of a step is to run where its table, view or macro stands as this very text made it; empty where nothing is."""
    comments = _COMMENTS.search(text)
    body = text[: comments.start()].rstrip() + "\n" if comments else text
    made = _TABLE.search(body)
    if made:
        return f"delete from {made[1]};\n{body[: made.start()]}insert into {made[1]}{body[made.end() :]}"
    return "" if _FIXED.search(body) else body
