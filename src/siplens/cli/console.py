"""The two streams: results on stdout, progress and talk on stderr. Rich is imported only when something is printed."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, TextIO

from siplens.report.text import visible

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


WIDEST = 4000
"""Columns that a table may take where nobody's terminal limits it."""


@cache
def _console_for(stream: TextIO) -> Console:
    from rich.console import Console

    class PipeAwareConsole(Console):
        """Lets `main` see that the reader of a pipe has gone, instead of leaving the process here."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return PipeAwareConsole(file=stream, highlight=False, soft_wrap=False, emoji=False)


def results() -> Console:
    """The console of stdout."""
    return _console_for(sys.stdout)


def on_terminal(stream: TextIO) -> bool:
    """Whether a person looks at that stream. Rich knows more ways to be told so than the stream itself, and takes longer to load."""
    told = any(name in os.environ for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    return _console_for(stream).is_terminal if told or stream.isatty() else False


def page_width(widest: int) -> int:
    """Columns for running text and tables on stdout: the terminal's up to `widest`; off a terminal, `widest`."""
    return min(results().width, widest) if results().is_terminal else widest


def talk() -> Console:
    """The console of stderr."""
    return _console_for(sys.stderr)


def say(text: str, style: str | None = None) -> None:
    """One line on stderr; hostile characters are spelt out."""
    from rich.text import Text

    talk().print(Text(visible(text, keep="\n"), style=style or ""), soft_wrap=True)


def write(text: str) -> None:
    """Text as it is to stdout: for CSV, JSON and Markdown, whose writers have made it safe."""
    sys.stdout.write(text)


def show(*renderables: RenderableType, width: int | None = None) -> None:
    """Rich renderables on stdout, one below the other, `width` columns wide.

    Without a width: the terminal's; off a terminal, as wide as each asks for, so that nothing is cut.
    """
    console = results()
    screen = console.width
    for renderable in renderables:
        if console.is_terminal:
            console.width = width or screen
            console.print(renderable)
            continue
        wanted = console.measure(renderable, options=console.options.update(max_width=WIDEST)).maximum
        console.width = width or max(wanted, screen)
        with console.capture() as captured:
            console.print(renderable)
        write("\n".join(line.rstrip() for line in captured.get().split("\n")))
    console.width = screen


def complain(message: str, hint: str | None = None) -> None:
    """An error as the user sees it: `siplens: …`, and what to do about it."""
    from rich.text import Text

    console = talk()
    console.print(Text.assemble(("siplens:", "bold red"), " ", visible(message, keep="\n")), soft_wrap=True)
    if hint:
        console.print(Text.assemble(("  hint:", "bold"), " ", visible(hint, keep="\n")), soft_wrap=True)
