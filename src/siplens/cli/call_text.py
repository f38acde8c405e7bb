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
from siplens.cli.rows import VERDICT_STYLES, YES_NO
from siplens.report.calls import CallSheet
from siplens.report.fetch import Row
from siplens.report.ladder import place_of
from siplens.report.text import visible
from siplens.report.values import words

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
        yield _offers(sheet.offers, width)
    yield _heading("Media")
    yield from _media(sheet, width)
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
    if addresses:
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


ROOMY = 125
"""Columns from which on tables show all they know."""
UNBROKEN = frozenset({"To tag", "SDP", "offered", "answered", "answer", "where", "from", "to", "after", "packets", "loss", "ended by"})
"""Columns whose cells are addresses, numbers and places: a line break inside would make them unreadable."""


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False, collapse_padding=True)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name in UNBROKEN)
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


def _offers(offers: Sequence[Row], width: int) -> RenderableType:
    """A row per answer; an offer that several answered is written once. Codecs are shown where there is room."""
    roomy = width >= ROOMY
    table = _table("leg", "offer", "offered", *(["codecs"] if roomy else []), "answer", "answered", "outcome", "where")
    before = None
    for offer in offers:
        same = (offer["offer_id"], offer["m_index"])
        marks = "".join(f" {name}" for name, holds in _offer_marks(offer) if holds)
        asked: list[str | Text] = [
            words(offer["side"]),
            words(offer["offer_method"]) + (f" by {words(offer['offered_by'])}" if roomy else ""),
            Text.assemble(_address(offer["offer_ip"], offer["offer_port"]), (marks, "dim")),
        ]
        if roomy:
            asked.append(visible(" ".join(codec.split("/")[0] for codec in (offer["offer_codecs"] or [])[:5])))
        ordinal = offer["dialog_ordinal"]
        table.add_row(
            *(asked if same != before else [""] * len(asked)),
            Text(
                f"{words(offer['answer_status'])} {badge(ordinal) if ordinal else ''}",
                style=early_style(ordinal) if ordinal else "",
            ),
            _address(offer["answer_ip"], offer["answer_port"]) if offer["answer_ip"] else "",
            Text(words(offer["outcome"]).replace("_", " "), style=_OUTCOME_STYLES.get(offer["outcome"], "")),
            _where(offer),
        )
        before = same
    return table


def _offer_marks(offer: Row) -> list[tuple[str, bool]]:
    """What is worth a word about an offer: an endpoint's own address means direct media, SAVP means SRTP."""
    return [("endpoint", bool(offer["offer_is_endpoint"])), ("SRTP", "SAVP" in (offer["offer_proto"] or ""))]


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


def _media(sheet: CallSheet, width: int) -> Iterator[RenderableType]:
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
    roomy = width >= ROOMY
    table = _table("from", "to", "codec", "packets", "loss", "jitter mean/max", *(["longest gap"] if roomy else []), "where")
    for flow in sheet.flows:
        loss, jitter, gap = flow["loss_pct"], flow["jitter_mean_ms"], flow["max_delta_ms"]
        table.add_row(
            _end(flow["from_role"], flow["src_ip"], flow["src_port"], roomy),
            _end(flow["to_role"], flow["dst_ip"], flow["dst_port"], roomy),
            visible(", ".join(dict.fromkeys(flow["codecs"] or []))),
            f"{flow['packets']:,}",
            "" if loss is None else Text(f"{loss:g} %", style="bold red" if loss >= 1 else ""),
            "" if jitter is None else f"{jitter:g} / {flow['jitter_max_ms']:g} ms",
            *(["" if gap is None else f"{gap:g} ms"] if roomy else []),
            f"{visible(flow['file'])} #{flow['first_frame']}" if roomy else f"#{flow['first_frame']}",
        )
    yield table


def _end(role: str | None, ip: str, port: int, roomy: bool) -> Text:
    return Text.assemble(visible(role or "unknown"), " " if roomy else "\n", (visible(f"{ip}:{port}"), "dim"))


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
        lines = [("", row["detail"]), ("required: ", _requirement(row["requirement"])), ("document: ", row["document"])]
        yield Padding(Text("\n".join(visible(f"{name}{text}") for name, text in lines if text)), (0, 0, 0, 4))
        for piece in row["evidence"]:
            yield Padding(Text(f"↳ {place_of(piece)}  {visible(piece['note'] or '')}", style="dim"), (0, 0, 0, 4))


def _requirement(words: str | None) -> str | None:
    """A requirement by its name; those with a number are the three technical requirements for media bypass."""
    number, _, name = (words or "").partition(" ")
    return f"technical requirement {number} for media bypass: {name}" if number.isdigit() else words


def _findings(findings: Sequence[Row]) -> Iterator[RenderableType]:
    if not findings:
        yield Text("none", style="green")
    for finding in findings:
        yield from finding_lines(finding)
