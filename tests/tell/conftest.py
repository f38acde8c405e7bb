"""Real local servers that fail as they are told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Hook:
    """A web hook: what it was sent, and what it will answer next: a status, `drop` or `hang`; 200 when nothing is left."""

    url: str
    answers: list[int | str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    retry_after: str | None = None


@pytest.fixture
def hook() -> Iterator[Hook]:
    """An HTTP server on 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            served.headers.append(dict(self.headers.items()))
            answer = served.answers.pop(0) if served.answers else 200
            if answer == "drop":
                self.connection.close()
                return
            if answer == "hang":
                stopped.wait(5)
                return
            if answer == 200:
                served.bodies.append(json.loads(data))
            self.send_response(int(answer))
            if served.retry_after:
                self.send_header("Retry-After", served.retry_after)
            if answer == 302:
                self.send_header("Location", served.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Hook(f"http://127.0.0.1:{server.server_port}/hook/secret-part")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield served
    stopped.set()
    server.shutdown()
    thread.join()
    server.server_close()
