"""The explorer as one FastAPI app: pages, API, style sheet, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from siplens.errors import QueryError, SiplensError, StoreError
from siplens.version import __version__
from siplens.web import api, pages
from siplens.web.access import Access
from siplens.web.library import Library
from siplens.web.queries import SavedQueries
from siplens.web.render import page, script, style
from siplens.web.state import State, state_of


class PlainJSON(JSONResponse):
    """JSON in ASCII: what steers a terminal or turns the direction of text stays an escape until a program has read it."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def make_app(database: Path, token: str | None = None) -> FastAPI:
    """The app over one database. With a token, every request must bring it; without one, only this machine's own names are answered."""
    app = FastAPI(
        title="siplens",
        version=__version__,
        description="Calls, the bypass decision, findings and peers of one siplens database.",
        default_response_class=PlainJSON,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    access = Access(token)
    app.state.siplens = State(Library(database), access, SavedQueries(database))
    app.middleware("http")(access.guard)
    app.include_router(pages.router)
    app.include_router(api.router)
    app.add_api_route("/explorer.css", lambda: Response(style(), media_type="text/css"), include_in_schema=False)
    app.add_api_route("/explorer.js", lambda: Response(script(), media_type="text/javascript"), include_in_schema=False)
    app.add_api_route("/api/docs", api_page, include_in_schema=False)
    app.add_exception_handler(SiplensError, say_fault)
    app.add_exception_handler(RequestValidationError, say_bad_value)
    app.add_exception_handler(HTTPException, say_http)
    return app


def api_page(request: Request) -> HTMLResponse:
    """What the API offers, from its OpenAPI description."""
    described = request.app.openapi()
    return HTMLResponse(page("api.html.j2", state=state_of(request), here="/api/docs", described=json.loads(json.dumps(described))))


def say_fault(request: Request, error: Exception) -> Response:
    """A fault in words: 404 for what is not there, 503 while another process writes, 400 for the rest."""
    assert isinstance(error, SiplensError)
    missing = error.message.startswith(("there is no", "there is neither"))
    status = 503 if isinstance(error, StoreError) else 404 if missing and not isinstance(error, QueryError) else 400
    return _said(request, status, error.message, error.hint)


def say_bad_value(request: Request, error: Exception) -> Response:
    """A value of the wrong kind in the address or a form."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return _said(request, 400, "what was sent is not JSON", None)
    return _said(request, 400, f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}", None)


def say_http(request: Request, error: Exception) -> Response:
    """No such page, or no such method."""
    assert isinstance(error, HTTPException)
    words = "there is no such page" if error.status_code == 404 else str(error.detail)
    return _said(request, error.status_code, words, None)


def _said(request: Request, status: int, message: str, hint: str | None) -> Response:
    if request.url.path.startswith("/api/"):
        return PlainJSON({"error": message, "hint": hint}, status)
    return HTMLResponse(page("error.html.j2", state=state_of(request), here="", status=status, message=message, hint=hint), status)
