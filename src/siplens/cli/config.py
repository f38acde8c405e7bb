"""`siplens config`: bring configuration in, see what is in force, take it out again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE, FailOn, Format
from siplens.cli.options import Database, Output

app = typer.Typer(help="Import configuration, check it, show what is stored, or write it into a file.")

_PATHS = "siplens' own form (YAML, JSON), or Get-Cs* output through Export-Clixml, ConvertTo-Json, Export-Csv or Format-List."


@app.command("import")
def import_files(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help="siplens' own form (YAML, JSON), or Get-Cs* output through Export-Clixml, ConvertTo-Json, Export-Csv or Format-List.",
            show_default=False,
        ),
    ],
    label: Annotated[str | None, typer.Option(help="Name of this snapshot; the names of the files, if left out.")] = None,
    valid_from: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="In force from this date or time (UTC); what the files say, or always, if left out."),
    ] = None,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Import files as one snapshot of the configuration. Calls already ingested are judged by it too."""
    from siplens.cli import console
    from siplens.config.values import read_moment
    from siplens.pipeline.blank import open_writable
    from siplens.pipeline.configure import import_configuration
    from siplens.pipeline.derive import ensure_derived

    since = read_moment(valid_from, "--valid-from") if valid_from else None
    with open_writable(db) as store:
        imported = import_configuration(store, paths, label=label, valid_from=since)
        if not imported.known:
            ensure_derived(store)
    objects = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in imported.rows.items()) or "nothing"
    if imported.known:
        console.say(f"already imported, as snapshot {imported.snapshot_id}: {objects}")
        return
    console.say(f"snapshot {imported.snapshot_id}: {objects}")
    for warning in imported.warnings:
        console.say(f"warning: {warning}")
    if imported.carried_over:
        console.say(f"taken over from the snapshot before: {', '.join(name.replace('_', ' ') for name in imported.carried_over)}")


@app.command("show")
def show(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="[KIND]", help="One kind of object, such as trunk or network_site.", show_default=False),
    ] = None,
    snapshot: Annotated[int | None, typer.Option(help="Number of the snapshot; the latest, if left out.")] = None,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """Show the snapshots of configuration, or the objects of one kind. An empty cell has Microsoft's default."""
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.configuration import KINDS, chosen_snapshot, read_objects, read_snapshots
    from siplens.store import open_store

    if kind is not None and kind.lower() not in KINDS:
        raise SiplensError(f"there is no kind of configuration {kind}", hint="known: " + ", ".join(KINDS))
    with open_store(db, write=False) as store:
        chosen = chosen_snapshot(store, snapshot)[0]
        snapshots = read_snapshots(store)
        tables = {name: read_objects(store, name, chosen) for name in ([kind.lower()] if kind else KINDS)}
    if kind is None and fmt is Format.table:
        emit(snapshots, tuple(snapshots[0]), fmt, title="Snapshots")
    if fmt is Format.table:
        for name, (columns, rows) in tables.items():
            if rows:
                emit(rows, columns, fmt, title=f"\n{name.replace('_', ' ')} (snapshot {chosen})")
    elif kind is not None:
        columns, rows = tables[kind.lower()]
        emit(rows, columns, fmt)
    else:
        listed = [{"kind": name, "object": row} for name, (_, rows) in tables.items() for row in rows]
        emit(listed, ("kind", "object"), fmt)


@app.command("export")
def export(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="A .yaml or .json file; YAML to stdout, if left out.", show_default=False),
    ] = None,
    snapshot: Annotated[int | None, typer.Option(help="Number of the snapshot; the latest, if left out.")] = None,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Write a snapshot in siplens' own form: what 'config import' reads back to the same configuration, and people can edit."""
    from siplens.cli import console
    from siplens.config.write import as_json, as_yaml, plain_form
    from siplens.report.configuration import KINDS, chosen_snapshot, read_objects
    from siplens.store import open_store

    with open_store(db, write=False) as store:
        chosen, valid_from = chosen_snapshot(store, snapshot)
        form = plain_form({kind: read_objects(store, kind, chosen)[1] for kind in KINDS}, valid_from)
    text = as_json(form) if output and output.suffix.lower() == ".json" else as_yaml(form)
    if output is None:
        console.write(text)
        return
    output.write_text(text, encoding="utf-8")
    console.say(f"{output}: snapshot {chosen}")


@app.command("check")
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files to check; what the database holds, if none is named.", show_default=False),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit 1 when something failed at or above this severity.", case_sensitive=False)
    ] = FailOn.medium,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """Check the configuration itself: bypass that cannot be, overlapping subnets, sites without region … (rules of the family CFG)."""
    from siplens.cli import console
    from siplens.cli.check import FAILED, LISTED, findings_text
    from siplens.cli.rows import emit
    from siplens.report.findings import findings_of_run
    from siplens.report.lint import check_files, check_stored
    from siplens.rules import Severity

    with check_files(paths) if paths else check_stored(db) as (store, outcome, warnings):
        findings = findings_of_run(store, outcome)
    for warning in warnings:
        console.say(f"warning: {warning}")
    if fmt is Format.table:
        for part in findings_text(findings, list(outcome.counts)):
            console.show(part)
    else:
        emit(findings, LISTED, fmt)
    if fail_on is not FailOn.never and outcome.reaches(Severity(fail_on.value)):
        raise typer.Exit(FAILED)
