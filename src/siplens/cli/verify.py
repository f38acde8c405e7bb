"""`siplens verify`: reads a capture with both engines and prints what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.choices import Format
from siplens.cli.options import Output

DIFFERS = 1


def verify(
    capture: Annotated[Path, typer.Argument(metavar="CAPTURE", help="A capture.", show_default=False)],
    fmt: Output = Format.table,
) -> None:
    """Hold the packet kernel against Wireshark: SIP messages, RTP streams tied to SDP, and their times. Exit status 1 where they differ."""
    from siplens.cli import console
    from siplens.cli.rows import emit
    from siplens.pipeline.verify import Comparison, Difference, verify_capture

    result: Comparison = verify_capture(capture)
    for warning in result.warnings:
        console.say(f"warning: {capture.name}: {warning}", "yellow")
    if result.differences or fmt is not Format.table:
        emit([difference._asdict() for difference in result.differences], Difference._fields, fmt)
    tell = console.say if fmt is not Format.table else lambda text: console.write(text + "\n")
    tell(_summary(result.messages, result.streams, len(result.differences)))
    if result.differences:
        raise typer.Exit(DIFFERS)


def _summary(messages: tuple[int, int], streams: tuple[int, int], differences: int) -> str:
    counts = (
        f"SIP messages: {messages[0]:,} native, {messages[1]:,} Wireshark; RTP streams: {streams[0]:,} native, {streams[1]:,} Wireshark"
    )
    if not differences:
        return f"{counts}. No difference."
    return f"{counts}. {differences:,} difference{'s' if differences != 1 else ''}."
