"""Options that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import Format

Database = Annotated[
    Path,
    typer.Option("--db", envvar="SIPLENS_DB", metavar="PATH", help="The database.", show_envvar=True, rich_help_panel="Common"),
]
Databases = Annotated[
    list[Path],
    typer.Option(
        "--db",
        envvar="SIPLENS_DB",
        metavar="PATH",
        help="The database. Given again: several databases, or folders of archives, are asked as one.",
        show_envvar=True,
        rich_help_panel="Common",
    ),
]
Output = Annotated[Format, typer.Option("--format", "-f", help="How rows are printed.", case_sensitive=False, rich_help_panel="Common")]
RuleFolders = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="FOLDER", help="Folder with rules of your own; may be given again."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Only calls from this time on (UTC), such as 2026-01-31 or 2026-01-31T08:00."),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Only calls before this time (UTC).")]
Redact = Annotated[
    bool,
    typer.Option(
        "--redact",
        help="Pseudonyms for numbers, names, hosts and addresses, the same for the same one; keys, digits and media blanked.",
    ),
]
RedactKey = Annotated[
    Path | None,
    typer.Option(
        "--redact-key",
        metavar="FILE",
        help="A secret: under one key, all files get the same pseudonyms. Without it, a key is drawn and forgotten.",
        show_default=False,
    ),
]
