"""`siplens docs`: the pages of documentation that the program writes of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="docs", help="Write documentation from the program itself: Markdown pages.", no_args_is_help=True)

Target = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the page to this file; stdout, if none is named."),
]


@app.command()
def cookbook(output: Target = None) -> None:
    """The cookbook: questions about media bypass with the SQL that answers them."""
    from siplens.report.cookbook import cookbook_markdown

    write_page(cookbook_markdown(), output)


@app.command()
def rules(output: Target = None) -> None:
    """The catalogue of the shipped rules: what each means, what it takes to confirm it, and what to do."""
    from siplens.report.rules import catalogue_markdown
    from siplens.rules import load_rules

    write_page(catalogue_markdown(load_rules()), output)


def write_page(text: str, output: Path | None) -> None:
    """A page to its file, or to stdout."""
    from siplens.cli import console

    if output is None:
        console.write(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    console.say(f"{output}: written")
