"""Where the files that ship with siplens are: grammars, sample traces, SQL.

A wheel carries `grammars/` and `sample_traces/` inside the package; a checkout has them at its top. The checkout wins,
because an editable install keeps a stale copy.
"""

from __future__ import annotations

from pathlib import Path

from siplens.errors import SiplensError

PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """The folder `name` of the checkout, else of the installed package. Raises SiplensError where neither has it."""
    checkout = PACKAGE.parents[1]
    for candidate in (checkout / name if (checkout / "pyproject.toml").exists() else PACKAGE / name, PACKAGE / name):
        if candidate.is_dir():
            return candidate
    raise SiplensError(f"the folder {name} is missing from this installation", hint="install siplens again")


def grammar_text(name: str) -> str:
    """The text of `grammars/<name>.lark`."""
    return (shipped_folder("grammars") / f"{name}.lark").read_text(encoding="utf-8")


def sql_files(*parts: str) -> list[Path]:
    """All .sql files below the package folder `parts`, in name order: the order in which they run."""
    return sorted(PACKAGE.joinpath(*parts).rglob("*.sql"))
