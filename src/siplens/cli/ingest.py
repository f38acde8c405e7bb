"""`siplens ingest` as it is declared: its options, and what they mean."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE, Format
from siplens.cli.options import Database, Output


class DateOrder(StrEnum):
    """Order of day and month in a log that leaves it open."""

    mdy = "mdy"
    dmy = "dmy"
    ymd = "ymd"


class Engine(StrEnum):
    """What reads captures."""

    auto = "auto"
    native = "native"
    wireshark = "wireshark"


def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Captures and logs: files, folders, globs, or - for stdin.", show_default=False),
    ],
    label: Annotated[str | None, typer.Option(help="Name of the capture point, such as 'mirror port of the SBC'.")] = None,
    log_tz: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE", help="Time zone of logs that name none: UTC, Europe/Berlin, +02:00. Without it: UTC.", show_default=False
        ),
    ] = None,
    date_order: Annotated[
        DateOrder | None,
        typer.Option(
            help="Order of day and month in logs that leave it open. Without it: as the format's makers write.", show_default=False
        ),
    ] = None,
    formats: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Your own log formats; else $SIPLENS_FORMATS, else siplens.toml.",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(help="What reads captures: the packet kernel (native) or tshark (wireshark). auto: native, unless --keylog is given."),
    ] = Engine.auto,
    keylog: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, readable=True, help="TLS key log that opens SIP over TLS; needs tshark."),
    ] = None,
    db: Database = DEFAULT_DATABASE,
    fmt: Output = Format.table,
) -> None:
    """Read captures and logs into the database, each file once. A file that cannot be read does not stop the others."""
    from siplens.cli.ingest_files import Reading, ingest_files
    from siplens.errors import SiplensError

    if keylog is not None and engine is Engine.native:
        raise SiplensError("--keylog: the native engine opens no TLS", hint="leave --engine out, or give --engine wireshark")
    reading = Reading(
        zone=time_zone(log_tz) if log_tz else None,
        date_order=date_order.value if date_order else None,
        formats=formats,
        engine=engine.value,
        keylog=keylog,
    )
    if not ingest_files(paths, db, label, fmt, reading):
        raise typer.Exit(2)


def time_zone(name: str) -> tzinfo:
    """The zone that --log-tz names: an IANA name, UTC, or an offset such as +02:00. Raises SiplensError."""
    import re
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from siplens.errors import SiplensError

    if name.upper() in ("UTC", "Z"):
        return UTC
    if offset := re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", name):
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        if away < timedelta(hours=24):
            return timezone(-away if offset[1] == "-" else away)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SiplensError(
            f"--log-tz {name}: there is no such time zone", hint="use UTC, a name such as Europe/Berlin, or +02:00"
        ) from error
