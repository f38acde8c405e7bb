"""`siplens doctor`: whether everything is in place on this machine, and which formats siplens reads."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from siplens.cli.choices import DEFAULT_DATABASE, Format
from siplens.cli.options import Database, Output

LIBRARIES = ("duckdb", "pyarrow", "numpy", "numba", "lark", "pyshark", "typer", "rich", "jinja2")


def doctor(db: Database = DEFAULT_DATABASE, fmt: Output = Format.table) -> None:
    """Say what is installed, whether the packet kernel is compiled, what state the database is in, which formats are read."""
    from siplens.cli.rows import emit

    rows = [{"about": about, "state": state, "detail": detail} for about, state, detail in _checks(db)]
    emit(rows, ("about", "state", "detail"), fmt)


def _checks(db: Path) -> Iterator[tuple[str, str, str]]:
    from importlib.metadata import version

    from siplens.version import __version__

    yield "siplens", "ok", __version__
    yield (
        "Python",
        "ok",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    )
    yield "libraries", "ok", ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield _tshark()
    yield (
        "packet kernel",
        "ok" if kernel_is_compiled() else "note",
        "compiled" if kernel_is_compiled() else "will be compiled by the first ingest (some seconds)",
    )
    yield _cache()
    yield _database(db)
    yield from _formats()


def _tshark() -> tuple[str, str, str]:
    path = shutil.which("tshark")
    if path is None:
        return "tshark", "note", "not found; only --engine wireshark, --keylog and verify need it"
    try:
        words = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return "tshark", "problem", f"{path} does not run: {error}"
    return "tshark", "ok", f"{words.splitlines()[0]} at {path}" if words else path


def kernel_is_compiled() -> bool:
    """Whether there is machine code of the packet kernel for this processor and this source."""
    from siplens import capture

    return capture.kernel_is_compiled()


def _cache_folders() -> list[Path]:
    """Where machine code is kept."""
    from siplens.kept import folders
    from siplens.resources import PACKAGE

    return folders(PACKAGE / "capture")


def _cache() -> tuple[str, str, str]:
    for folder in _cache_folders():
        there = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if os.access(there, os.W_OK):
            return "kernel cache", "ok", f"{folder} can be written"
    words = f"none of {', '.join(map(str, _cache_folders()))} can be written: every ingest compiles anew"
    return "kernel cache", "problem", f"{words}; set NUMBA_CACHE_DIR"


def _database(db: Path) -> tuple[str, str, str]:
    from siplens.errors import SiplensError
    from siplens.pipeline.derive import is_current
    from siplens.report.fetch import fetch
    from siplens.store import SCHEMA_VERSION, open_store

    if not db.exists():
        return "database", "note", f"{db}: not there yet; 'siplens ingest' makes it"
    try:
        with open_store(db, write=False) as store:
            files = len(fetch(store, "sources"))
            state = "current" if is_current(store) else "to be put together again"
    except SiplensError as error:
        return "database", "problem", error.message
    return (
        "database",
        "ok",
        f"{db}: schema version {SCHEMA_VERSION}, {db.stat().st_size:,} bytes, {files} files, calls {state}",
    )


def _formats() -> Iterator[tuple[str, str, str]]:
    from siplens.errors import SiplensError
    from siplens.logs.formats import formats, header_of
    from siplens.pipeline.recognise import format_folders
    from siplens.resources import shipped_folder

    yield "format pcap, pcapng, snoop", "verified", "packet captures, also compressed by gzip or zstd"
    yield "format yaml, json", "verified", "configuration: siplens' own form, and Get-Cs* output"
    try:
        known = formats(format_folders())
    except SiplensError as error:
        yield "log formats", "problem", error.message
        known = formats()
    for format_ in known:
        shapes = (("seen", format_.verified), ("not seen", format_.unverified))
        told = "; ".join(f"{name}: {', '.join(parts)}" for name, parts in shapes if parts)
        own = f"; yours, in {format_.grammar.parent}" if format_.module else ""
        yield f"format {format_.name}", format_.status, f"{format_.title} ({told}){own}"
    for name in ("sip", "sdp"):
        header = header_of(shipped_folder("grammars") / f"{name}.lark")
        yield f"format {name}", "partly" if header.get("unverified") else "verified", str(header["title"])
