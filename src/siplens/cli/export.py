"""`siplens export`: the packets of calls as one pcapng, out of the captures that were ingested."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE
from siplens.cli.options import Database, Redact, RedactKey

if TYPE_CHECKING:
    from siplens.store import Store

MOST_CALLS = 100_000
"""Calls in one export; more is a capture of its own."""


def export(
    identities: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Calls: number, SIP Call-ID, or the beginning of a fingerprint.", show_default=False),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The .pcapng file to write.")] = Path("call.pcapng"),
    where: Annotated[
        str | None, typer.Option(metavar="SQL", help="Calls for which this holds, as in 'siplens calls --where'.", show_default=False)
    ] = None,
    source: Annotated[
        list[Path] | None, typer.Option(metavar="FOLDER", help="Where the captures are now, if they moved; may be given again.")
    ] = None,
    keylog: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="TLS key log: the secrets of the calls' own connections are put into the export, so that it opens by itself.",
        ),
    ] = None,
    redact: Redact = False,
    redact_key: RedactKey = None,
    db: Database = DEFAULT_DATABASE,
) -> None:
    """Write calls as a capture: signalling and media of both legs, with comments that name findings. Wireshark opens it."""
    from siplens.cli import console
    from siplens.cli.database import judged, pseudonyms
    from siplens.errors import SiplensError
    from siplens.report.export import find_sources, frames_found, plan_export, write_export

    if output.suffix.lower() != ".pcapng":
        raise SiplensError(f"{output}: its ending names no form of capture", hint="an export is a .pcapng file")
    if keylog and (redact or redact_key):
        raise SiplensError("--keylog: TLS is left out of a redacted export", hint="leave out one of --keylog and --redact")
    with judged(db) as store:
        plan = plan_export(store, _chosen(store, identities or [], where))
        words = pseudonyms(store, redact_key, plan.call_nos) if redact or redact_key else None
    with console.talk().status("looking for the captures …") as status:
        find_sources(plan, source or [], status.update)
        part = output.with_name(output.name + ".part")
        try:
            with part.open("wb") as file:
                done = write_export(plan, file, keylogs=keylog or [], words=words, progress=status.update)
            part.replace(output)
        finally:
            part.unlink(missing_ok=True)
    for name, messages in plan.log_messages.items():
        console.say(f"{messages} messages are known from {name} only: a log holds no packets, so they are not in the export", "yellow")
    if done.left_out:
        console.say(
            f"{done.left_out:,} packets are left out: they hold something that cannot be redacted, such as TLS or a rare tunnel", "yellow"
        )
    if done.opened:
        console.say(f"{done.opened} TLS connections can be read by whoever opens the file: their secrets are in it", "yellow")
    took = ", ".join(f"{amount:,} from {name}" for name, amount in frames_found(plan))
    console.say(f"{done.packets:,} packets ({took}), {done.comments:,} comments", "dim")
    console.write(f"{output}\n")


def _chosen(store: Store, identities: list[str], where: str | None) -> list[int]:
    """The calls that the user means."""
    from siplens.errors import SiplensError
    from siplens.report.calls import find_call, list_calls

    if bool(identities) == bool(where):
        raise SiplensError("name calls, or give --where", hint="siplens export 17 -o call.pcapng")
    if not where:
        return [find_call(store, identity) for identity in identities]
    numbers = [row["call_no"] for row in list_calls(store, where, MOST_CALLS + 1)[0]]
    if not numbers:
        raise SiplensError(f"no call meets --where {where}", hint="'siplens calls --where …' shows which do")
    if len(numbers) > MOST_CALLS:
        raise SiplensError(f"--where {where} holds for more than {MOST_CALLS:,} calls", hint="that is most of a capture: narrow it")
    return numbers
