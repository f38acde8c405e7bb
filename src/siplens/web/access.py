"""Who may ask: this machine alone by default, the bearer of a token beyond it; and what a browser may do with the pages."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

COOKIE = "siplens_token"
FORM_COOKIE = "siplens_form"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The pages load nothing from elsewhere, run no script but their own, and are not kept by the browser: they hold numbers and names."""

Next = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Access:
    """What a request must bring."""

    token: str | None
    """None: only names of this machine may stand in the Host header, so that no page from elsewhere can reach us (DNS rebinding)."""
    form_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    """Forms that change something carry it, and so does a cookie: a page from elsewhere knows neither (cross-site request forgery)."""

    async def guard(self, request: Request, go_on: Next) -> Response:
        """Lets a request through or refuses it, and puts the headers on what comes back."""
        refused = self._refuse(request)
        response = refused if refused is not None else await go_on(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if refused is None and request.method == "GET" and request.cookies.get(FORM_COOKIE) != self.form_key:
            response.set_cookie(FORM_COOKIE, self.form_key, httponly=True, samesite="strict")
        return response

    def _refuse(self, request: Request) -> Response | None:
        if self.token is None:
            if is_loopback(request.url.hostname or ""):
                return None
            return PlainTextResponse("siplens: only names of this machine, such as localhost, are answered here.\n", 403)
        given = request.query_params.get("token")
        if given is not None and hmac.compare_digest(given.encode(), self.token.encode()):
            rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
            response = RedirectResponse(str(request.url.replace(query="").include_query_params(**dict(rest))), 303)
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
            return response
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if any(hmac.compare_digest(held.encode(), self.token.encode()) for held in (bearer, request.cookies.get(COOKIE, ""))):
            return None
        if request.url.path.startswith("/api/"):
            said = {"error": "a token is asked for", "hint": "send it as Authorization: Bearer …; 'siplens serve' printed it"}
            return JSONResponse(said, 401, headers={"WWW-Authenticate": "Bearer"})
        return PlainTextResponse("siplens: open the address with ?token=… that 'siplens serve' printed.\n", 401)

    def form_is_ours(self, request: Request, form_key: str) -> bool:
        """Whether a form that changes something came from a page of ours."""
        held = request.cookies.get(FORM_COOKIE, "")
        return hmac.compare_digest(form_key.encode(), self.form_key.encode()) and hmac.compare_digest(held.encode(), self.form_key.encode())


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone: localhost, 127.0.0.0/8, ::1."""
    if host.lower() in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
