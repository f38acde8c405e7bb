"""`siplens config`: bring configuration in, and see what is in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.options import DEFAULT_DATABASE, Database, Format, Output

app = typer.Typer(help="Import configuration, or show what is stored.")


@app.command("import")
def import_files(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="YAML or JSON: siplens' own form, or Get-Cs* output as JSON.", show_default=False),
    ],
    label: Annotated[str | None, typer.Option(help="Name of this snapshot; the names of the files, if left out.")] = None,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Import files as one snapshot of the configuration. Calls already ingested are judged by it too."""
    from siplens.cli import console
    from siplens.pipeline.configure import import_configuration
    from siplens.pipeline.derive import ensure_derived
    from siplens.store import open_store

    with open_store(db, write=True) as store:
        imported = import_configuration(store, paths, label=label)
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
    from siplens.report.configuration import KINDS, read_objects, read_snapshots
    from siplens.store import open_store

    if kind is not None and kind.lower() not in KINDS:
        raise SiplensError(f"there is no kind of configuration {kind}", hint="known: " + ", ".join(KINDS))
    with open_store(db, write=False) as store:
        snapshots = read_snapshots(store)
        if not snapshots:
            raise SiplensError(f"{db}: no configuration was imported", hint="run 'siplens config import FILE'")
        chosen = snapshot if snapshot is not None else snapshots[-1]["snapshot"]
        if chosen not in {row["snapshot"] for row in snapshots}:
            raise SiplensError(f"there is no snapshot {chosen}", hint="'siplens config show' lists them")
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
