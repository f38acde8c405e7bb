"""The prompt of `siplens sql`: history, completion from the schema, queries of the cookbook. Between statements the database is closed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from siplens.cli import console
from siplens.cli.choices import Format
from siplens.cli.database import reading
from siplens.cli.sql_statement import print_rows, statement_text
from siplens.errors import SiplensError
from siplens.report.fetch import fetch

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer

HELP = """\
SELECT …;            any SQL, over several lines; a semicolon ends it
@name                a query of the cookbook; @ and Tab lists them
.tables              all tables          .schema call    the columns of one
.format csv          table, csv, json, ndjson or markdown
.quit                leave (Ctrl-D)
"""


_OTHER_WORDS = {"help": ".help", "?": ".help", "\\?": ".help", "\\h": ".help", "\\d": ".tables", "\\dt": ".tables", "\\q": ".quit"}
"""What people who know other prompts type first; a name behind \\d makes it .schema."""


def ask(db: list[Path], fmt: Format) -> None:
    """Asks for statements and prints their rows, until the user leaves."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.history import FileHistory

    with reading(db) as store:  # the first word about a database that is not there
        words = [row["word"] for row in fetch(store, "prompt_words")]
    console.say(f"{', '.join(map(str, db))}, read-only. A semicolon ends a statement; .help lists the commands.", "dim")
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(_history_file())), completer=completer(words), complete_while_typing=False
    )
    unfinished = Condition(lambda: not is_whole(session.default_buffer.text))
    while True:
        try:
            text = session.prompt("siplens> ", multiline=unfinished, prompt_continuation="    ...> ").strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if _command(text)[0] in (".quit", ".exit"):
            return
        if text:
            fmt = answer(db, text, fmt)


def is_whole(text: str) -> bool:
    """Whether Enter may send what was typed: a semicolon ends it, or it is a command, a query's name, or nothing."""
    text = text.strip()
    return not text or text.startswith("@") or text.endswith(";") or _command(text)[0].startswith(".")


def _command(text: str) -> tuple[str, str]:
    """First word and the rest; another prompt's word for a command of ours is ours."""
    word, _, rest = text.strip().rstrip(";").partition(" ")
    rest = rest.strip()
    if word in ("quit", "exit") and not rest:
        return f".{word}", ""
    if word == "\\d" and rest:
        return ".schema", rest
    return (_OTHER_WORDS[word] if word in _OTHER_WORDS and not rest else word), rest


def answer(db: list[Path], text: str, fmt: Format) -> Format:
    """Does one command or statement; an error is said and does not end the prompt. Returns the format to go on with."""
    word, rest = _command(text)
    try:
        if word == ".help":
            console.write(HELP)
        elif word == ".format":
            fmt = _format(rest)
        elif word in (".tables", ".schema"):
            from siplens.cli.query import schema

            schema(rest or None, db, fmt)
        elif word.startswith("."):
            raise SiplensError(f"there is no command {word}", hint=".help lists them")
        else:
            with reading(db) as store:
                amount = print_rows(store, statement_text(text.rstrip(";").strip()), fmt)
            console.say(f"{amount:,} row{'' if amount == 1 else 's'}", "dim")
    except SiplensError as error:
        console.complain(error.message, error.hint)
    return fmt


def _format(name: str) -> Format:
    try:
        return Format(name)
    except ValueError as error:
        raise SiplensError(f".format {name}: not a format", hint="one of " + ", ".join(Format)) from error


def completer(words: list[str]) -> Completer:
    """Completes `words`, names of the cookbook and commands, in any case of letters."""
    from prompt_toolkit.completion import WordCompleter

    from siplens.report.cookbook import cookbook

    names = [f"@{question.name}" for question in cookbook()]
    meanings = {f"@{question.name}": question.question for question in cookbook()}
    return WordCompleter(
        [*words, *names, ".tables", ".schema", ".format", ".help", ".quit"], meta_dict=meanings, WORD=True, ignore_case=True
    )


def _history_file() -> Path:
    """Where the shell's history lies: the user's state folder (XDG), or that of Windows; readable by the user alone."""
    base = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".local" / "state")
    path = Path(base) / "siplens" / "sql_history"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path
