"""Pages and API of the explorer over two sample traces: seven calls, one of which was refused direct media and fell back."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from siplens.store import open_store
from siplens.web import api
from siplens.web.app import make_app

FORBIDDEN = ("drop table call", "select * from read_csv('/etc/passwd')", "copy call to '/tmp/x'", "set lock_configuration = false")
FAILED = {"bypass_verdict": "fail", "cause": "peer refused direct media", "findings": "BYP001 DMR001"}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "not as expected"),
        ("/calls", "Caller → called"),
        ("/calls/1", "<svg"),
        ("/calls/1", "Should it have bypassed?"),
        ("/peers", "gw1.contoso.example"),
        ("/findings", "DMR001"),
        ("/trends", "bypass as expected"),
        ("/sql?name=causes", "peer refused direct media"),
        ("/rules/DMR001", "RFC 3261"),
        ("/api/docs", "/api/calls"),
        ("/explorer.css", "--paper"),
        ("/explorer.js", "keydown"),
    ],
)
def test_every_page_shows(client: TestClient, address: str, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert words in answer.text


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ("verdict=fail", 1),
        ("rule=DMR001", 1),
        ("cause=peer+refused+direct+media", 1),
        ("forked=3", 2),
        ("forked=3&outcome=cancelled", 2),
        ("expected=pass&observed=fail", 1),
        ("peer=gw1.contoso.example&verdict=fail", 1),
        ("direction=outbound&verdict=fail", 1),
        ("since=2100-01-01", 0),
        ("until=2000-01-01", 0),
        ("text=gw1-no-such-thing", 0),
    ],
)
def test_filters_pick_calls(client: TestClient, filters: str, numbers: int) -> None:
    assert client.get(f"/api/calls?{filters}").json()["total"] == numbers


def test_the_list_has_the_columns_of_the_command_line_and_pages(client: TestClient) -> None:
    [failed] = client.get("/api/calls?verdict=fail").json()["calls"]
    assert failed.items() >= FAILED.items()
    everything = client.get("/api/calls?order=oldest&rows=1000").json()
    first, second = (client.get(f"/api/calls?order=oldest&rows=2&page={page}").json() for page in (1, 2))
    assert [*first["calls"], *second["calls"]] == everything["calls"][:4]
    assert first["pages"] == -(-everything["total"] // 2)


def test_a_call_is_found_by_call_id_and_fingerprint(client: TestClient) -> None:
    sheet = client.get("/api/calls/1").json()
    for name in (sheet["legs"][0]["call_id"], sheet["call"]["fingerprint"][:10]):
        assert client.get(f"/api/calls/{name}").json()["call"] == sheet["call"]


def test_evidence_links_lead_to_messages(client: TestClient) -> None:
    page = client.get("/calls/1").text
    assert 'href="#m-14"' in page
    assert 'id="m-14"' in page
    assert "488 Not Acceptable Here" in page


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "ndjson"])
def test_downloads_hold_all_rows(client: TestClient, form: str) -> None:
    answer = client.get(f"/api/calls.{form}?forked=2")
    amount = client.get("/api/calls?forked=2").json()["total"]
    assert answer.headers["content-disposition"] == f'attachment; filename="calls.{form}"'
    held = {
        "csv": lambda: len(answer.text.splitlines()) - 1,
        "parquet": lambda: pq.read_table(io.BytesIO(answer.content)).num_rows,
        "json": lambda: len(answer.json()),
        "ndjson": lambda: len(answer.text.splitlines()),
    }[form]()
    assert held == amount > 0


def test_a_download_has_a_largest_size(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_BYTES", 1_000_000)
    answer = client.get("/api/sql.csv?q=select+*+from+range(1000000000)")
    assert answer.status_code == 400
    assert "siplens sql -o" in answer.json()["hint"]
    late = client.get("/api/sql.csv?q=select+if(i+%3D+99999,+'x',+'1')::int+as+n+from+range(100000)+t(i)")
    assert late.status_code == 400
    assert "Could not convert" in late.json()["error"]


def test_what_is_no_json_is_said(client: TestClient) -> None:
    answer = client.post("/api/sql", content=b'{"sql":', headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (400, "what was sent is not JSON")


def test_sql_reads_and_nothing_else(client: TestClient) -> None:
    assert client.post("/api/sql", json={"sql": "select count(*) as n from call where direction = 'outbound'"}).json()["columns"] == ["n"]
    for statement in FORBIDDEN:
        answer = client.post("/api/sql", json={"sql": statement})
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert "syntax error" in client.get("/sql?q=selec").text


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nothing", 404, "there is no such page"),
        ("/calls/99999", 404, "there is no call 99999"),
        ("/api/calls/99999", 404, "there is no call 99999"),
        ("/calls?page=zero", 400, "a whole number from 1"),
        ("/calls?order=random", 400, "there is no such order"),
        ("/calls?since=yesterday", 400, "cannot be used"),
        ("/calls?forked=many", 400, "cannot be used"),
        ("/api/calls?page=0", 400, "greater than or equal to 1"),
        ("/rules/XYZ999", 404, "there is no rule"),
    ],
)
def test_faults_are_said_in_words(client: TestClient, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, words in answer.text) == (status, True)


def test_a_finding_is_waived_by_a_form_of_ours_only(own_database: Path) -> None:
    with TestClient(make_app(own_database), base_url="http://localhost") as browser:
        page = browser.get("/findings?rule=DMR001").text
        form_key = page.partition('name="form_key" value="')[2].partition('"')[0]
        number = page.partition('id="finding-')[2].partition('"')[0]
        wanted = {"reason": "vendor case 4711", "until": "2099-12-31"}
        assert browser.post(f"/findings/{number}/waive", data=wanted).status_code == 400
        assert browser.post(f"/findings/{number}/waive", data={**wanted, "form_key": form_key, "until": "2001-01-01"}).status_code == 400
        assert browser.post(f"/findings/{number}/waive", data={**wanted, "form_key": form_key, "reason": " "}).status_code == 400
        answer = browser.post(f"/findings/{number}/waive", data={**wanted, "form_key": form_key})
        assert "waived until 2100-01-01" in answer.text
        assert "vendor case 4711" in answer.text
    with open_store(own_database, write=False) as store:
        assert store.query("select rule_id, reason from waiver").rows == [("DMR001", "vendor case 4711")]


def test_a_query_is_saved_beside_the_database(own_database: Path) -> None:
    with TestClient(make_app(own_database), base_url="http://localhost") as browser:
        page = browser.get("/sql?q=select+42+as+answer").text
        form_key = page.partition('name="form_key" value="')[2].partition('"')[0]
        wanted = {"q": "select 42 as answer", "name": "the_answer", "question": "What is it?", "form_key": form_key}
        assert "What is it?" in browser.post("/sql/save", data=wanted).text
        assert browser.post("/sql/save", data={**wanted, "name": "../up"}).status_code == 400
    saved = own_database.parent / "siplens-queries" / "the_answer.sql"
    assert saved.read_text() == "/* What is it? */\nselect 42 as answer\n"


def test_while_another_process_writes_the_page_says_so(own_database: Path) -> None:
    holder = f"import duckdb, sys; con = duckdb.connect({str(own_database)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        with TestClient(make_app(own_database), base_url="http://localhost") as browser:
            answer = browser.get("/calls")
        writer.communicate("")
    assert answer.status_code == 503
    assert f"in use by process {writer.pid}" in answer.text


def test_the_api_describes_itself(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert set(described["paths"]) >= {"/api/calls", "/api/calls/{call}", "/api/findings", "/api/peers", "/api/sql"}


def test_trends_are_per_trunk_site_peer_and_rule_with_intervals(client: TestClient) -> None:
    page = client.get("/trends?scope=peer&days=2").text
    assert "gw1.contoso.example" in page
    assert "no comparison" in page
    assert ">trunk</td>" not in page
    assert re.search(r"\d+ % <span class=\"soft\">\(\d+–\d+ %; of \d+\)", page)
    one = client.get("/trends?scope=rule&name=EDL002&measure=failed&days=2").text
    assert "Day by day: failed, EDL002" in one
    assert 'href="/calls?since=2026-03-07T00:00:00&amp;until=2026-03-07T23:59:59.999999"' in one
    there = client.get("/trends?scope=all&measure=answered&days=2&before=2026-03-08&tz=America/New_York").text
    assert "(days, America/New_York)" in there
    assert 'href="/calls?since=2026-03-07T05:00:00&amp;until=2026-03-08T04:59:59.999999"' in there
    assert "No rate changed by more than chance." in client.get("/trends?changed=1&days=2").text


@pytest.mark.parametrize("address", ["/trends?days=0", "/trends?before=tomorrow", "/trends?tz=Mars"])
def test_trends_of_no_days_are_refused_in_words(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert any(words in answer.text for words in ("expected", "not a day", "no such time zone"))
