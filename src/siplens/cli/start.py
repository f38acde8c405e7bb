"""The command's first moments: a file that is to be ingested is begun with before anything else is loaded."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import NamedTuple, NoReturn

from siplens.cli.choices import DEFAULT_DATABASE, Format


class PlainIngest(NamedTuple):
    """A command line `siplens ingest PATH...` with none but the commonest options: it is understood without Typer."""

    paths: list[str]
    db: Path
    label: str | None
    form: Format


_OPTIONS = {"--db": "--db", "--label": "--label", "--format": "--format", "-f": "--format"}
"""Options that a plain line may have, each with one value, by all their names."""


def plain_ingest(arguments: list[str]) -> PlainIngest | None:
    """What follows `siplens ingest`, understood; None where it takes the whole command line to understand it, or to say what is wrong."""
    paths, given = [], dict[str, str]()
    rest = iter(arguments)
    for argument in rest:
        if argument in _OPTIONS:
            given[_OPTIONS[argument]] = next(rest, "-")
        else:
            paths.append(argument)
    form = given.get("--format", Format.table)
    if not paths or form not in list(Format) or any(word.startswith("-") for word in (*paths, *given.values())):
        return None
    db = given.get("--db") or os.environ.get("SIPLENS_DB")
    return PlainIngest(paths, Path(db) if db else DEFAULT_DATABASE, given.get("--label"), Format(form))


def console_script() -> NoReturn:
    """The command `siplens`."""
    from siplens.cli.ending import exit_status, leave

    gc.set_threshold(50_000, 20, 100)  # a short life, in which modules are loaded and stay: little garbage to look for
    # NumPy would start threads for algebra when it is loaded; nothing here needs them, and they cost a tenth of a second.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:2] == ["ingest"] and (plain := plain_ingest(sys.argv[2:])):
        leave(exit_status(lambda: _ingest(plain)))
    from siplens.cli.app import main

    leave(main())


def _ingest(plain: PlainIngest) -> int:
    from siplens.pipeline.head_start import begin

    begin(plain.paths, plain.db)
    from siplens.cli.ingest_files import Reading, ingest_files

    return 0 if ingest_files(plain.paths, plain.db, plain.label, plain.form, Reading()) else 2
