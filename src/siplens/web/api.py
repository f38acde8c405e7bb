"""The JSON API: the same rows as the pages, described by OpenAPI at /api/docs (no page from elsewhere) and /api/openapi.json."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from siplens.report.calls import find_call, read_call
from siplens.report.fetch import fetch
from siplens.report.rows_file import write_rows
from siplens.report.values import plain
from siplens.rules import load_own_rules
from siplens.scratch import scratch_folder
from siplens.web.calls_list import Wanted, export_query, list_page
from siplens.web.facts import findings_page, trend_days
from siplens.web.queries import run
from siplens.web.state import state_of

router = APIRouter(prefix="/api", tags=["siplens"])
Row = dict[str, Any]
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json", "ndjson": "application/x-ndjson"}
MOST_BYTES = 2_000_000_000
"""Size of a download: a question of a browser must not fill the disk."""
FileForm = Literal["csv", "parquet", "json", "ndjson"]
PageNumber = Annotated[int, Query(ge=1, description="Pages begin with 1.")]


class Calls(BaseModel):
    """One page of calls."""

    total: int = Field(description="Calls that pass the filters.")
    page: int
    pages: int
    calls: list[Row] = Field(description="Rows with the columns of `siplens calls`.")


class Findings(BaseModel):
    """One page of findings."""

    total: int
    page: int
    pages: int
    findings: list[Row]


class Statement(BaseModel):
    """SQL to run."""

    sql: str = Field(description="One SELECT. It is run read-only, without access to files.")


class Answer(BaseModel):
    """What a query gave."""

    columns: list[str]
    rows: list[list[Any]]
    more: bool = Field(description="True where there are more rows than are given.")


@router.get("/calls")
def list_calls(
    request: Request,
    verdict: Annotated[Literal["", "pass", "fail", "unknown"], Query(description="Bypass verdict.")] = "",
    expected: Annotated[Literal["", "pass", "fail", "unknown"], Query(description="Bypass expected.")] = "",
    observed: Annotated[Literal["", "pass", "fail", "unknown"], Query(description="Bypass observed.")] = "",
    cause: Annotated[str, Query(description="Likeliest cause of a failed verdict.")] = "",
    outcome: Annotated[str, Query(description="How the call ended, such as answered.")] = "",
    direction: Annotated[str, Query(description="inbound or outbound.")] = "",
    forked: Annotated[str, Query(description="At least so many early dialogs.")] = "",
    peer: Annotated[str, Query(description="Peer: name or address.")] = "",
    rule: Annotated[str, Query(description="Rule with a standing failed finding about the call.")] = "",
    since: Annotated[str, Query(description="Began at this time (UTC) or later.")] = "",
    until: Annotated[str, Query(description="Began before this time (UTC).")] = "",
    text: Annotated[str, Query(description="Caller, called, address, Call-ID, fingerprint or number.")] = "",
    order: Annotated[Literal["newest", "oldest", "early", "longest"], Query(description="early: most early dialogs first.")] = "newest",
    page: PageNumber = 1,
    rows: Annotated[int, Query(ge=1, le=1000, description="Calls of a page.")] = 50,
) -> Calls:
    """Calls, filtered and paged."""
    wanted = Wanted.from_query(request.query_params)
    with state_of(request).library.reading() as store:
        listed = list_page(store, wanted)
    return Calls(total=listed.total, page=wanted.page, pages=listed.pages, calls=[plain(row) for row in listed.calls])


@router.get("/calls.{form}")
def download_calls(request: Request, form: FileForm) -> StreamingResponse:
    """All calls that pass the filters (the same as /api/calls takes), as a file."""
    query, params = export_query(Wanted.from_query(request.query_params))
    return _download(request, query, params, f"calls.{form}")


@router.get("/calls/{call}")
def one_call(request: Request, call: str) -> Row:
    """All that is known of one call: number, SIP Call-ID, or the beginning of its fingerprint."""
    with state_of(request).library.reading() as store:
        sheet: Row = plain(read_call(store, find_call(store, call)).as_rows())
    return sheet


@router.get("/peers")
def list_peers(request: Request) -> list[Row]:
    """Peers and what each did, busiest first."""
    with state_of(request).library.reading() as store:
        return [plain(row) for row in fetch(store, "peers")]


@router.get("/findings")
def list_findings(
    request: Request,
    rule: Annotated[str, Query(description="Of this rule only, such as DMR001.")] = "",
    status: Annotated[Literal["fail", "unknown"], Query(description="unknown: the rule could not decide.")] = "fail",
    page: PageNumber = 1,
) -> Findings:
    """Standing findings with their evidence, worst first."""
    with state_of(request).library.reading() as store:
        listed = findings_page(store, rule or None, status, page)
    return Findings(total=listed.total, page=page, pages=listed.pages, findings=[plain(row) for row in listed.findings])


@router.get("/trend")
def list_days(request: Request) -> list[Row]:
    """Bypass expected and observed per day."""
    with state_of(request).library.reading() as store:
        return [plain(row) for row in trend_days(store)]


@router.get("/rules")
def list_rules() -> list[Row]:
    """The rules with titles and severities."""
    return [{"id": rule.id, "title": rule.title, "severity": rule.severity.value, "subject": rule.subject} for rule in load_own_rules()]


@router.post("/sql")
def run_sql(request: Request, statement: Statement) -> Answer:
    """Runs one SELECT, read-only."""
    with state_of(request).library.reading() as store:
        answer = run(store, statement.sql)
    return Answer(columns=answer.columns, rows=[plain(list(row)) for row in answer.rows], more=answer.more)


@router.get("/sql.{form}")
def download_sql(request: Request, form: FileForm, q: Annotated[str, Query(description="One SELECT.")]) -> StreamingResponse:
    """All rows of one SELECT as a file."""
    return _download(request, q, {}, f"query.{form}")


def _download(request: Request, query: str, params: dict[str, str], name: str) -> StreamingResponse:
    """Rows into a temporary file, and that to the browser: errors are said before the first byte leaves."""
    with ExitStack() as opened:
        path = opened.enter_context(scratch_folder()) / name
        with state_of(request).library.reading() as store:
            write_rows(store, query, path, params, most_bytes=MOST_BYTES)
        spool = opened.pop_all()

    def chunks() -> Iterator[bytes]:
        with spool, path.open("rb") as file:
            while chunk := file.read(1 << 18):
                yield chunk

    media_type = MEDIA_TYPES[path.suffix[1:]]
    return StreamingResponse(chunks(), media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
