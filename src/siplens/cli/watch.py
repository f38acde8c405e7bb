"""`siplens watch`: reads captures and logs as they are completed, judges their calls, and logs one line of each file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE
from siplens.cli.ingest import DateOrder, Engine
from siplens.cli.options import Database

if TYPE_CHECKING:
    from siplens.watch import Say


def watch(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Folders where captures and logs arrive; those below are watched too.", show_default=False),
    ],
    settle: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="A file that has looked the same for this long is complete.")
    ] = 30.0,
    poll: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.05, help="How often to look; network shares tell of nothing by themselves.")
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Read and judge what is there, wait for what still grows, and end.")] = False,
    label: Annotated[str | None, typer.Option(help="Name of the capture point.")] = None,
    log_tz: Annotated[str, typer.Option(metavar="ZONE", help="Time zone of logs that name none.")] = "UTC",
    date_order: Annotated[DateOrder, typer.Option(help="Order of day and month in logs that leave it open.")] = DateOrder.mdy,
    engine: Annotated[Engine, typer.Option(help="What reads captures, as in 'siplens ingest'.")] = Engine.auto,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Watch folders: each capture and log is read once it is complete, and its calls are judged. One line a file, until Ctrl-C or SIGTERM.

    The files of a ring buffer (dumpcap -b, tcpdump -C or -G) and rolled logs are complete when the next one is there; any other
    file when it has not changed for --settle seconds. What was read is kept in the database: a watch that was killed goes on.
    """
    from siplens.cli import console
    from siplens.cli.ending import STOPPED, was_stopped
    from siplens.cli.ingest import time_zone
    from siplens.errors import SiplensError
    from siplens.pipeline.recognise import ReadOptions
    from siplens.watch import WatchOptions
    from siplens.watch import watch as run_watch

    for folder in folders:
        if not folder.is_dir():
            raise SiplensError(f"{folder}: is not a folder", hint="siplens watch takes folders; files go to 'siplens ingest'")
    options = WatchOptions(
        db=db,
        folders=tuple(folder.resolve() for folder in folders),
        settle_s=settle,
        poll_s=poll,
        read=ReadOptions(zone=time_zone(log_tz), date_order=date_order.value, engine=engine.value),
        label=label,
    )
    _end_on_terminate()
    try:
        run_watch(options, _line(), waker(options.folders, poll), until_idle=once)
    except BaseException as error:
        if once or not was_stopped(error):
            raise
        console.say(STOPPED)  # that is how a watch ends: a service manager must not take it for a failure


def _line() -> Say:
    from siplens.cli import console
    from siplens.report.text import visible
    from siplens.watch import stamp

    def line(text: str) -> None:
        console.write(stamp(visible(text)) + "\n")
        console.results().file.flush()

    return line


def waker(folders: tuple[Path, ...], poll_s: float) -> Callable[[], object] | None:
    """Waits for the next look: the poll time, or sooner when the file system tells of a change. None without watchfiles."""
    try:
        import watchfiles
    except ImportError:
        return None
    milliseconds = int(poll_s * 1000)
    changes = watchfiles.watch(
        *folders,
        watch_filter=None,
        debounce=milliseconds,
        step=min(50, milliseconds),
        rust_timeout=milliseconds,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    return lambda: next(changes, None)


def _end_on_terminate() -> None:
    """SIGTERM, as service managers send it, ends the watch as Ctrl-C does: what is being read is taken back, nothing is half there."""
    import signal

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
