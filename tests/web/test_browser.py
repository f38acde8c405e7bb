"""The explorer in a real browser: list, filter, open a call, see its ladder, run SQL, waive; dark, narrow, by keyboard."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from siplens.cli.app import main

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=30_000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PAGES = ("/", "/calls", "/calls/1", "/findings", "/peers", "/trends", "/sql?name=causes", "/api/docs", "/rules/DMR001")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
    # Playwright's own transport is left to the garbage collector when it stops.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def address(judged_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = shutil.copy(judged_database, tmp_path_factory.mktemp("served") / "served.duckdb")
    command = [sys.executable, "-c", "from siplens.cli.app import main; main()", "serve", "--port", "0", "--db", database]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = re.search(r"(http://127\.0\.0\.1:\d+)/", server.stderr.readline())
        assert found
        yield found[1]
        server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that must not complain in its console, nor ask another host for anything."""
    opened = browser.new_page(base_url=address)
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith((address, "data:")) else faults.append(request.url))
    yield opened
    opened.close()
    assert faults == []


def test_from_the_list_to_the_proof(page: Page) -> None:
    page.goto("/calls")
    page.select_option("select[name=verdict]", "fail")
    page.click("button:has-text('Show')")
    page.wait_for_url("**verdict=fail**")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.click("tbody a")
    expect(page.locator("svg[role=img] g.arrow").nth(10)).to_be_attached()
    page.click("a[href='#m-14']")
    expect(page.locator("details#m-14 pre")).to_be_visible()
    expect(page.locator("details#m-14 pre")).to_contain_text("488 Not Acceptable Here")


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/calls?order=oldest")
    page.keyboard.press("/")
    expect(page.locator("input[name=text]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    wanted = page.locator("tr.here a").first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/calls/{wanted}")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sql")


def test_sql(page: Page) -> None:
    page.goto("/sql")
    page.fill("#q", "select call_no, outcome from call order by call_no limit 3")
    page.press("#q", "Control+Enter")
    expect(page.locator("table.list tbody tr")).to_have_count(3)
    page.click("aside a >> nth=2")
    page.wait_for_selector("text=siplens sql @causes")


def test_waiving(page: Page) -> None:
    page.goto("/findings?rule=DMR001")
    page.click("details.waive summary")
    page.fill("input[name=reason]", "known to the vendor")
    page.click("text=Waive this finding")
    page.wait_for_selector("text=waived: known to the vendor")


@pytest.mark.parametrize("where", PAGES)
def test_dark_and_narrow(page: Page, where: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme="light")
    page.goto(where)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).not_to_have_css("background-color", light)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "the page itself must not scroll sideways"
    unlabelled = "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(field => !field.labels.length).length"
    assert page.evaluate(unlabelled) == 0
    assert page.locator("h1").count() == 1


def test_on_a_telephone_a_call_is_a_card(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/calls?order=oldest")
    rows = page.get_by_role("row")
    expect(rows.first).to_contain_text("gw1.contoso.example")
    cells = rows.first.get_by_role("cell")
    boxes = [box for cell in cells.all() if cell.is_visible() and (box := cell.bounding_box())]
    assert len(boxes) > 8
    assert max(box["x"] + box["width"] for box in boxes) <= 390, "nothing is beyond the edge"


@pytest.mark.parametrize("kind", ["incident", "compliance"])
def test_reports_fit_a_telephone_and_print_their_colours(kind: str, page: Page, judged_database: Path, tmp_path: Path) -> None:
    report = tmp_path / f"{kind}.html"
    assert main(["report", "--kind", kind, "--since", "2026-03-01", "-o", str(report), "--db", str(judged_database)]) == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.set_content(report.read_text(encoding="utf-8"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "the page itself must not scroll sideways"
    page.emulate_media(media="print")
    assert page.locator(".severity").first.evaluate("pill => getComputedStyle(pill).printColorAdjust") == "exact"
