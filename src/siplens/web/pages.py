"""The pages: each fetches rows, hands them to a template, and decides nothing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from siplens.errors import QueryError, SiplensError
from siplens.report.calls import find_call, read_call
from siplens.report.fetch import fetch, fetch_one
from siplens.report.period import midnight, read_zone
from siplens.report.rules import rule_row
from siplens.report.trend import DAYS, SCOPES, one_by_day, read_trend
from siplens.rules import load_own_rules, select_rules
from siplens.web.calls_list import ORDERS, Wanted, list_page
from siplens.web.facts import call_texts, findings_page
from siplens.web.queries import run
from siplens.web.render import page
from siplens.web.state import State, state_of
from siplens.web.waiving import waive

router = APIRouter(include_in_schema=False)
MOST_ARROWS = 500
MOST_TRENDS = 200
MOST_DAYS = 3660


def html(request: Request, template: str, code: int = 200, **facts: Any) -> HTMLResponse:
    """A page from a template."""
    return HTMLResponse(page(template, state=state_of(request), here=request.url.path, **facts), code)


@router.get("/")
def overview(request: Request) -> Response:
    """Key figures, what was found, and where to look."""
    with state_of(request).library.reading() as store:
        return html(
            request,
            "overview.html.j2",
            figures=fetch_one(store, "figures", since=None, until=None) or {},
            matrix=fetch(store, "bypass_expected_observed", since=None, until=None),
            counts=[row for row in state_of(request).choices.of(store) if row["filter"] == "rule"],
            rules={rule.id: rule for rule in load_own_rules()},
            health=fetch(store, "health"),
            sources=fetch(store, "sources"),
        )


@router.get("/calls")
def calls(request: Request) -> Response:
    """The list of calls, filtered and paged."""
    wanted = Wanted.from_query(request.query_params)
    with state_of(request).library.reading() as store:
        listed = list_page(store, wanted)
        offered = state_of(request).choices.of(store)
    return html(request, "calls.html.j2", listed=listed, wanted=wanted, choices=offered, orders=tuple(ORDERS))


@router.get("/calls/{wanted}")
def call(request: Request, wanted: str, fold: bool = True) -> Response:
    """One call: ladder, decision, early dialogs, media, findings, messages as text."""
    with state_of(request).library.reading() as store:
        number = find_call(store, wanted)
        sheet = read_call(store, number, fold=fold, max_lifelines=5)
        texts = call_texts(store, number)
    return html(request, "call.html.j2", sheet=sheet, texts=texts, folded=fold, waivers=state_of(request).may_waive)


@router.get("/peers")
def peers(request: Request) -> Response:
    """What each gateway, PBX and SBC did."""
    with state_of(request).library.reading() as store:
        return html(request, "peers.html.j2", peers=fetch(store, "peers"))


@router.get("/findings")
def findings(request: Request, rule: str = "", status: str = "fail", number: int = 1) -> Response:
    """Findings, worst first, with a form to waive each."""
    with state_of(request).library.reading() as store:
        listed = findings_page(store, rule or None, status, max(1, number))
        offered = [row for row in state_of(request).choices.of(store) if row["filter"] == "rule"]
    known = {one.id: one for one in load_own_rules()}
    return html(request, "findings.html.j2", listed=listed, rule=rule, status=status, offered=offered, rules=known)


@router.post("/findings/{finding_id}/waive")
def waive_finding(
    request: Request, finding_id: int, reason: Annotated[str, Form()], until: Annotated[str, Form()], form_key: Annotated[str, Form()] = ""
) -> Response:
    """Waives one finding until a day."""
    state = state_of(request)
    if not state.access.form_is_ours(request, form_key):
        raise SiplensError("this form did not come from a page of this explorer", hint="load the page again and send it once more")
    try:
        day = dt.date.fromisoformat(until)
    except ValueError as error:
        raise SiplensError(f"until={until}: not a day", hint="write it as 2026-12-31") from error
    with state.library.writing() as store:
        rule_id = waive(store, finding_id, reason, day)
    return RedirectResponse(f"/findings?rule={rule_id}#finding-{finding_id}", 303)


def _ends(day: dt.date, zone: ZoneInfo) -> dict[str, dt.datetime]:
    """The first and the last moment of a day, as the list of calls takes them (UTC)."""
    after = midnight(day + dt.timedelta(days=1), zone)
    return {"begins": midnight(day, zone), "ends": after - dt.timedelta(microseconds=1)}


@router.get("/trends")
def trends(
    request: Request,
    scope: str = "",
    name: str = "",
    measure: str = "",
    days: int = DAYS,
    before: str = "",
    changed: str = "",
    tz: str = "UTC",
) -> Response:
    """Rates per trunk, site, peer and rule against the period before; of one of them, day by day too. As `siplens trend` has them."""
    try:
        until = dt.date.fromisoformat(before) if before else None
    except ValueError as error:
        raise SiplensError(f"before={before}: not a day", hint="write it as 2026-12-31") from error
    if not 1 <= days <= MOST_DAYS:
        raise SiplensError(f"days={days}: a whole number from 1 to {MOST_DAYS:,} was expected")
    zone = read_zone(tz or "UTC")
    with state_of(request).library.reading() as store:
        found = read_trend(store, until, days, zone.key)
        asked = found.changes if changed else found.rows
        listed = [row for row in asked if scope in ("", row["scope"]) and name in ("", row["name"]) and measure in ("", row["measure"])]
        by_day = one_by_day(store, found, listed[0]) if len(listed) == 1 else []
    return html(
        request,
        "trends.html.j2",
        trend=found,
        listed=listed,
        by_day=[row | _ends(row["day"], ZoneInfo("UTC") if row["scope"] == "rule" else zone) for row in by_day],
        most=MOST_TRENDS,
        names=list(dict.fromkeys(row["name"] for row in found.rows if scope in ("", row["scope"])))[:MOST_TRENDS],
        scopes=SCOPES,
        scope=scope,
        name=name,
        measure=measure,
        days=days,
        changed=changed,
    )


@router.get("/sql")
def sql(request: Request, q: str = "", name: str = "") -> Response:
    """The SQL page: read-only."""
    state = state_of(request)
    saved = state.queries.all()
    chosen = state.queries.find(name) if name else None
    statement = q or (chosen.sql if chosen else "")
    answer, error = None, None
    if statement:
        try:
            with state.library.reading() as store:
                answer = run(store, statement)
        except QueryError as raised:
            error = raised.message
    return html(request, "sql.html.j2", 400 if error else 200, saved=saved, statement=statement, chosen=chosen, answer=answer, error=error)


@router.post("/sql/save")
def save_query(
    request: Request,
    q: Annotated[str, Form()],
    name: Annotated[str, Form()],
    question: Annotated[str, Form()] = "",
    form_key: Annotated[str, Form()] = "",
) -> Response:
    """Saves a query beside the database."""
    state: State = state_of(request)
    if not state.access.form_is_ours(request, form_key):
        raise SiplensError("this form did not come from a page of this explorer", hint="load the page again and send it once more")
    state.queries.save(name, question, q)
    return RedirectResponse(f"/sql?name={name}", 303)


@router.get("/rules/{rule_id}")
def rule(request: Request, rule_id: str) -> Response:
    """A rule's documentation and SQL."""
    [found, *_] = select_rules(load_own_rules(), [rule_id])
    return html(request, "rule.html.j2", rule=found, row=rule_row(found))
