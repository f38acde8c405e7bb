"""The command `siplens`: puts the groups together, and turns every error into one line and an exit status."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from siplens.cli import (
    archive,
    calls,
    check,
    config,
    console,
    demo,
    docs,
    doctor,
    explain,
    export,
    ingest,
    prune,
    query,
    report,
    rules,
    run,
    schedule,
    serve,
    sql,
    trend,
    verify,
    waive,
    watch,
    whatif,
)
from siplens.errors import SiplensError
from siplens.version import __version__

BAD_INPUT = 2
STOPPED = "stopped; what was finished before is kept"
_INTERRUPTED_QUERY = "Query interrupted"
"""What DuckDB says where Ctrl-C or SIGTERM came amid a statement."""
INTERRUPTED = 130
PIPE_CLOSED = 141

app = typer.Typer(
    name="siplens",
    help="Which PSTN calls should have used media bypass and did not, which peers turned away forked early dialogs, "
    "which refused direct media, and how do we know? From captures and Mediation Server logs.",
    epilog="Begin with: siplens demo. Results go to stdout, messages to stderr. "
    "Exit: 0 done, 1 check found failures or verify differences, 2 bad input.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(demo.demo)
app.command()(ingest.ingest)
app.add_typer(config.app, name="config")
app.command("calls")(calls.calls)
app.command("call")(calls.call)
app.command()(explain.explain)
app.command()(whatif.whatif)
app.command()(check.check)
app.add_typer(rules.app, name="rules")
app.command()(waive.waive)
app.command()(query.peers)
app.command()(sql.sql)
app.command()(query.schema)
app.command()(report.report)
app.command()(serve.serve)
app.command()(export.export)
app.command()(verify.verify)
app.add_typer(docs.app, name="docs")
app.command()(watch.watch)
app.add_typer(schedule.app, name="schedule")
app.command()(run.run)
app.command()(prune.prune)
app.add_typer(archive.app, name="archive")
app.command()(trend.trend)
app.command()(doctor.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        console.write(f"siplens {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _siplens(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)] = False,
) -> None:
    if context.invoked_subcommand is None:
        console.write(context.get_help() + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Runs siplens with `arguments` (sys.argv without them); returns the exit status. No exception of ours or the user's leaves it."""
    try:
        status = app(args=arguments, prog_name="siplens", standalone_mode=False)
        sys.stdout.flush()
    except SiplensError as error:
        console.complain(error.message, error.hint)
        return error.exit_status
    except (KeyboardInterrupt, typer.Abort):
        console.complain(STOPPED)
        return INTERRUPTED
    except BrokenPipeError:
        _close_stdout()
        return PIPE_CLOSED
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        console.complain(f"{place}{error.strerror or error}")
        return BAD_INPUT
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error).startswith(_INTERRUPTED_QUERY):
            console.complain(STOPPED)
            return INTERRUPTED
        return _complain_of(error)
    return status if isinstance(status, int) else 0


def console_script() -> NoReturn:
    """The rest of the command, after `start`: what it wrote is flushed, the database is closed, and the process ends without taking
    its memory apart."""
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _complain_of(error: Exception) -> int:
    """Usage errors of Typer know what to say. Anything else is a fault of ours, and a traceback helps only who asks for it."""
    if say := getattr(error, "format_message", None):
        console.complain(str(say()).rstrip(".").replace("Value error, ", ""), _usage_hint(error))
        return BAD_INPUT
    if os.environ.get("SIPLENS_DEBUG"):
        raise error
    first = ", ".join([str(error).strip().partition("\n")[0], *getattr(error, "__notes__", [])])
    hint = "this is a fault of siplens; with SIPLENS_DEBUG=1 in the environment it shows where, please report that"
    console.complain(f"{type(error).__name__}: {first}", hint)
    return BAD_INPUT


def _usage_hint(error: Exception) -> str:
    """Where help on the command is: usage errors of Typer carry the context they arose in."""
    path = getattr(getattr(error, "ctx", None), "command_path", "siplens")
    return f"{path} --help"


def _close_stdout() -> None:
    """The reader of the pipe has gone: what is left in the buffer goes nowhere, without a word at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
