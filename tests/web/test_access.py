"""Who may ask: this machine, or the bearer of the token; and hostile text stays text."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from siplens.store import open_store
from siplens.web.access import is_loopback
from siplens.web.app import make_app


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("evil.example", False),
        ("192.0.2.7", False),
        ("", False),
    ],
)
def test_loopback(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours


def test_without_a_token_only_this_machines_names_are_answered(judged_database: Path) -> None:
    app = make_app(judged_database)
    assert TestClient(app, base_url="http://localhost:8474").get("/calls").status_code == 200
    assert TestClient(app, base_url="http://rebound.example").get("/calls").status_code == 403


def test_with_a_token_nothing_is_shown_without_it(judged_database: Path) -> None:
    app = make_app(judged_database, token="open sesame")
    stranger = TestClient(app, base_url="http://siplens.example")
    for address in ("/", "/calls", "/api/calls", "/explorer.css", "/api/openapi.json", "/calls?token=wrong"):
        assert stranger.get(address).status_code == 401
    assert stranger.get("/api/calls", headers={"Authorization": "Bearer open sesame"}).status_code == 200
    answer = stranger.get("/calls?verdict=fail&token=open+sesame")
    assert answer.status_code == 200
    assert "token" not in str(answer.url)
    assert stranger.get("/peers").status_code == 200


def test_pages_may_load_nothing_from_elsewhere(client: TestClient) -> None:
    policy = client.get("/calls").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert client.get("/calls").headers["cache-control"] == "no-store"


PAGES = ("/", "/calls", "/calls/1", "/findings", "/peers")
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m=cmd()"


def test_hostile_text_is_shown_as_text(own_database: Path) -> None:
    with open_store(own_database, write=True) as store:
        store.con.execute("update call set caller = ?", [HOSTILE])
        store.con.execute("update finding set reason = ?", [HOSTILE])
        store.con.execute("update message set start_line = ?", [HOSTILE])
        store.con.execute("update peer_profile set peer = ?", [HOSTILE])
    with TestClient(make_app(own_database), base_url="http://localhost") as browser:
        for address in (*PAGES, "/sql?q=select+caller+from+call", "/calls?text=%3Cscript%3Ealert(1)"):
            page = browser.get(address).text
            assert "<script>alert" not in page
            assert "\u202e" not in page
            assert "\x1b" not in page
        assert "'=" in browser.get("/api/sql.csv?q=select+%27%3Dcmd()%27+as+x").text


def test_a_program_without_the_token_is_told_in_json(judged_database: Path) -> None:
    answer = TestClient(make_app(judged_database, token="open sesame"), base_url="http://siplens.contoso.example").get("/api/calls")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in answer.json()["hint"]
