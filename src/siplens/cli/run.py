"""`siplens run JOB`: runs a job of siplens.toml once, or for every time it was due."""

from __future__ import annotations

from typing import Annotated

import typer

from siplens.cli.schedule import Name, SettingsFile


def run(
    name: Name,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Only for times that are due and not yet done, missed ones too; else end at once.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Run a job of siplens.toml: ingest, import the configuration, check, report, tell. Prints the run on one page of Markdown.

    Exit status: 0 clean, 1 failures at or above the job's fail_on, 2 an error, also where somebody could not be told.
    Every run leaves a row in the table `run`.
    """
    from siplens.cli import console
    from siplens.jobs.job import read_job
    from siplens.jobs.run import BusyError, run_job
    from siplens.settings import find_settings

    found = find_settings(settings)
    try:
        reports = run_job(read_job(found, name), found, console.say, if_due=if_due)
    except BusyError as error:
        if not if_due:
            raise
        console.say(error.message)
        return
    if not reports:
        console.say(f"{name}: nothing is due")
    for report in reports:
        console.write(report.summary + "\n")
    if worst := max((report.run.exit_status or 0 for report in reports), default=0):
        raise typer.Exit(worst)
