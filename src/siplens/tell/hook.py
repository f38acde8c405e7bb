"""Posts JSON to a web hook. The address may hold a secret: no error shows more of it than the host."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from siplens.tell.destination import Destination, Secret
from siplens.tell.retry import TellError, TransientError
from siplens.version import __version__

_AGAIN = (408, 425, 429)


def post(destination: Destination, body: dict[str, Any]) -> str:
    """Posts once; returns what was done, in words. Raises TransientError or TellError."""
    url = destination.url.read() if isinstance(destination.url, Secret) else destination.url or ""
    host = urlsplit(url).hostname
    if not host or urlsplit(url).scheme not in ("http", "https"):
        raise TellError(f"{destination.name}: its address is no web address", "it begins with https://")
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"siplens/{__version__}"}
    if destination.token:
        headers["Authorization"] = f"Bearer {destination.token.read()}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    try:
        with _OPENER.open(request, timeout=destination.timeout_s) as answer:
            answer.read()
            return f"{destination.name}: {host} took it ({answer.status})"
    except urllib.error.HTTPError as error:
        with error:
            if error.code in _AGAIN or error.code >= 500:
                raise TransientError(f"{host} answered {error.code} {error.reason}", _seconds(error.headers.get("Retry-After"))) from None
            raise TellError(f"{destination.name}: {host} refused it: {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise TransientError(f"{host}: {str(reason) or type(reason).__name__}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A web hook that moves would take the message, and the token, somewhere else."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        """Follows nothing: the redirect is an answer like any other."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdigit() else None
