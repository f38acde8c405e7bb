"""One call for reading on a terminal: header, ladder, early dialogs, offers and answers, media, decision, findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from siplens.cli.finding_text import finding_lines
from siplens.cli.ladder_text import badge, draw, early_style
from siplens.cli.rows import VERDICT_STYLES, YES_NO, words
from siplens.report.calls import CallSheet
from siplens.report.fetch import Row
from siplens.report.ladder import place_of
from siplens.report.text import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

VERDICT_MARKS = {"pass": "✓", "fail": "✗", "unknown": "?"}


def call_sheet(sheet: CallSheet, width: int) -> Iterator[RenderableType]:
    """The parts of the sheet, top to bottom, for a terminal `width` columns wide."""
    yield from _head(sheet.head)
    yield _heading("Ladder")
    yield Group(*draw(sheet.ladder, width))
    if any(dialog["is_early"] for dialog in sheet.dialogs):
        yield _heading("Early dialogs")
        yield _dialogs(sheet.dialogs)
    if sheet.offers:
        yield _heading("Offers and answers")
        yield _offers(sheet.offers)
    yield _heading("Media")
    yield from _media(sheet)
    yield _heading("Should it have bypassed?")
    yield from decision(sheet)
    yield _heading("Findings")
    yield from _findings(sheet.findings)


def verdict(value: str | None) -> Text:
    """pass, fail or unknown with its sign and colour."""
    shown = value or "unknown"
    return Text(f"{VERDICT_MARKS.get(shown, '·')} {shown}", style=VERDICT_STYLES.get(shown, ""))


def _heading(words: str) -> RenderableType:
    return Padding(Rule(Text(words, style="bold"), align="left", style="dim"), (1, 0, 0, 0))


def _head(head: Row) -> Iterator[RenderableType]:
    yield Text.assemble(
        (f"Call {head['call_no']}", "bold"),
        f"  {visible(head['direction'] or '')}  ",
        (f"{visible(head['caller'] or '?')} → {visible(head['called'] or '?')}", "bold"),
        f"  {visible(head['outcome'] or '')}",
        f" {head['final_status'] or ''} {visible(head['final_reason'] or '')}".rstrip() if head["outcome"] != "answered" else "",
        f" {head['duration_s']:.1f} s" if head["duration_s"] is not None else "",
    )
    peer = head["peer"] or "unknown"
    began = f"{head['started_ts']:%Y-%m-%d %H:%M:%S.%f}"[:-3] if head["started_ts"] else "at a time not known,"
    addresses = [f"{name} {visible(head[key])}" for name, key in _ADDRESSES if head[key]]
    yield Text(f"{began} UTC  peer {visible(peer)}  fingerprint {head['fingerprint'][:12]}", style="dim")
    yield Text("  ".join(addresses), style="dim")
    yield Text.assemble(
        f"bypass expected: {YES_NO[head['expected']]}   observed: {YES_NO[head['observed']]}   verdict: ", verdict(head["verdict"]),
        f"   likeliest cause: {visible(head['cause'])}" if head["cause"] else "",
    )  # fmt: skip


_ADDRESSES = (
    ("client", "client_ip"),
    ("client media", "client_media_ip"),
    ("Mediation Server", "mediation_ip"),
    ("peer", "peer_ip"),
    ("peer media", "peer_media_ip"),
)


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _dialogs(dialogs: Sequence[Row]) -> RenderableType:
    """Early dialogs of both legs; columns in which nothing happened are left out."""
    early = [dialog for dialog in dialogs if dialog["is_early"]]
    optional = {
        "reliable": any(dialog["reliable"] for dialog in early),
        "PRACK": any(dialog["prack_id"] for dialog in early),
        "UPDATE": any(dialog["update_id"] for dialog in early),
    }
    kept = [name for name, happened in optional.items() if happened]
    table = _table("", "leg", "To tag", "after", "first", *kept, "SDP", "ended by")
    for dialog in early:
        ordinal = dialog["ordinal"]
        cells = {
            "reliable": "yes" if dialog["reliable"] else "no",
            "PRACK": _answered(dialog["prack_id"], dialog["prack_status"]),
            "UPDATE": _answered(dialog["update_id"], dialog["update_status"]),
        }
        address = f"{visible(dialog['media_ip'])}:{dialog['media_port']}" if dialog["media_ip"] else "—"
        table.add_row(
            Text(badge(ordinal), style=f"bold {early_style(ordinal)}"),
            words(dialog["side"]),
            Text(visible(dialog["to_tag"] or ""), style=early_style(ordinal)),
            f"{dialog['after_ms'] / 1000:.3f} s",
            words(dialog["first_status"]),
            *[cells[name] for name in kept],
            address,
            visible((dialog["ended_by"] or "").replace("_", " ")),
        )
    return table


def _answered(request: int | None, status: int | None) -> Text:
    if request is None:
        return Text("—", style="dim")
    if status is None:
        return Text("no answer", style="yellow")
    return Text(str(status), style="green" if status < 300 else "bold red")


def _offers(offers: Sequence[Row]) -> RenderableType:
    """A row per answer; an offer that several answered is written once."""
    table = _table("leg", "offer in", "from", "address offered", "codecs", "answer", "address answered", "outcome", "where")
    before = None
    for offer in offers:
        same = (offer["offer_id"], offer["m_index"])
        proto = visible(offer["offer_proto"] or "")
        direct = " (endpoint)" if offer["offer_is_endpoint"] else ""
        asked = (
            words(offer["side"]),
            words(offer["offer_method"]),
            words(offer["offered_by"]),
            f"{_address(offer['offer_ip'], offer['offer_port'])} {proto}{direct}",
            visible(" ".join(codec.split("/")[0] for codec in (offer["offer_codecs"] or [])[:5])),
        )
        ordinal = offer["dialog_ordinal"]
        table.add_row(
            *(asked if same != before else [""] * len(asked)),
            Text(f"{words(offer['answer_status'])} {badge(ordinal) if ordinal else ''}", style=early_style(ordinal) if ordinal else ""),
            _address(offer["answer_ip"], offer["answer_port"]) if offer["answer_ip"] else "",
            Text(words(offer["outcome"]).replace("_", " "), style=_OUTCOME_STYLES.get(offer["outcome"], "")),
            _where(offer),
        )
        before = same
    return table


_OUTCOME_STYLES = {"accepted": "green", "rejected": "bold red", "stream_rejected": "bold red", "unanswered": "yellow"}


def _address(ip: str | None, port: int | None) -> str:
    return visible(f"{ip}:{port}") if ip else "—"


def _where(offer: Row) -> str:
    places = [
        ("frame", offer["offer_frame"]),
        ("frame", offer["answer_frame"]),
        ("line", offer["offer_line"]),
        ("line", offer["answer_line"]),
    ]
    return " → ".join(f"{'#' if kind == 'frame' else 'L'}{number}" for kind, number in places if number is not None)


def _media(sheet: CallSheet) -> Iterator[RenderableType]:
    head = sheet.head
    yield Text.assemble(
        "signalled ",
        (visible(head["signalled"] or "unknown"), "bold"),
        f": {visible(head['signalled_reason'] or 'nothing is known')}",
    )
    yield Text.assemble(
        "observed  ",
        (visible(head["media_observed"] or "unknown"), "bold"),
        f": {visible(head['observed_reason'] or 'nothing is known')}",
    )
    if not sheet.flows:
        return
    table = _table("from", "to", "codec", "packets", "loss", "jitter mean / max", "longest gap", "where")
    for flow in sheet.flows:
        table.add_row(
            Text.assemble((visible(flow["from_role"] or ""), ""), " ", (f"{flow['src_ip']}:{flow['src_port']}", "dim")),
            Text.assemble((visible(flow["to_role"] or ""), ""), " ", (f"{flow['dst_ip']}:{flow['dst_port']}", "dim")),
            visible(", ".join(dict.fromkeys(flow["codecs"] or []))),
            f"{flow['packets']:,}",
            "" if flow["loss_pct"] is None else Text(f"{flow['loss_pct']:g} %", style="bold red" if flow["loss_pct"] >= 1 else ""),
            "" if flow["jitter_mean_ms"] is None else f"{flow['jitter_mean_ms']:g} / {flow['jitter_max_ms']:g} ms",
            "" if flow["max_delta_ms"] is None else f"{flow['max_delta_ms']:g} ms",
            place_of({"file": flow["file"], "frame": flow["first_frame"]}),
        )
    yield table


def decision(sheet: CallSheet, *, thorough: bool = False) -> Iterator[RenderableType]:
    """The bypass decision criterion by criterion; `thorough` adds evidence, requirement and document."""
    head = sheet.head
    yield Text.assemble(
        "expected: ", (YES_NO[head["expected"]], "bold"), f"  {visible(head['reasons'] or '')}",
        f"  {visible(head['unknown_reason'] or '')}" if head["unknown_reason"] != head["reasons"] else "",
    )  # fmt: skip
    if not sheet.criteria:
        yield Text("no criterion was assessed", style="dim")
        return
    if not thorough:
        table = _table("", "criterion", "why")
        for row in sheet.criteria:
            table.add_row(
                Text(VERDICT_MARKS[row["outcome"]], style=VERDICT_STYLES[row["outcome"]]),
                visible(row["title"] or row["criterion"]),
                visible(row["detail"] or ""),
            )
        yield table
        return
    for row in sheet.criteria:
        yield Text.assemble(
            "\n",
            verdict(row["outcome"]),
            "  ",
            (visible(row["title"] or row["criterion"]), "bold"),
            (f"  {row['criterion']}", "dim"),
        )
        lines = [("", row["detail"]), ("required: ", row["requirement"]), ("document: ", row["document"])]
        yield Padding(Text("\n".join(visible(f"{name}{text}") for name, text in lines if text)), (0, 0, 0, 4))
        for piece in row["evidence"]:
            yield Padding(Text(f"↳ {place_of(piece)}  {visible(piece['note'] or '')}", style="dim"), (0, 0, 0, 4))


def _findings(findings: Sequence[Row]) -> Iterator[RenderableType]:
    if not findings:
        yield Text("none", style="green")
    for finding in findings:
        yield from finding_lines(finding)
