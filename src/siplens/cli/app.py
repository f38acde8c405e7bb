"""The command `siplens`: puts the groups together."""

from __future__ import annotations

from typing import Annotated

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
from siplens.cli.ending import exit_status
from siplens.version import __version__

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
    return exit_status(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> object:
    try:
        return app(args=arguments, prog_name="siplens", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
