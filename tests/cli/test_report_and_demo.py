"""The report stands alone: one file, no script, nothing loaded from elsewhere. The demo ends with one for each case."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from siplens.cli.app import main


class Page(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def report_text(database: Path, output: Path, *options: str) -> str:
    assert main(["report", "-o", str(output), *options, "--db", str(database)]) == 0
    return output.read_text(encoding="utf-8")


def test_the_page_stands_alone(forked_database: Path, tmp_path: Path) -> None:
    page = Page(report_text(forked_database, tmp_path / "report.html"))
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert "style" not in names
    assert not {name for name in names if name.startswith("on")}
    links = [value or "" for name, value in page.attributes if name in ("href", "src", "xlink:href")]
    assert all(link.startswith("#") for link in links)
    policy = next(value or "" for name, value in page.attributes if name == "content" and "default-src" in (value or ""))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_says_what_is_wrong_and_proves_it(forked_database: Path, tmp_path: Path) -> None:
    text = re.sub(r"<[^>]+>", " ", report_text(forked_database, tmp_path / "report.html"))
    assert "1 capture showed 4 calls over 1 peer" in text
    assert "Media bypass was expected for 2 calls" in text
    assert "EDL002: Peer ended the call when a further early dialog appeared" in text
    assert "capture.pcap frame 35: CANCEL from the peer" in text
    assert re.search(r"\b[0-9a-f]{64}\b", text)


def test_every_part_of_the_ladders_has_its_style(forked_database: Path, tmp_path: Path) -> None:
    text = report_text(forked_database, tmp_path / "report.html")
    style, _, body = text.partition("</style>")
    drawn = set(re.findall(r'class="(caption|title|pin)[ "]', body))
    assert {name for name in drawn if f".{name}" not in style} == set()


def test_the_chart_says_what_it_shows_and_follows_the_page(forked_database: Path, tmp_path: Path) -> None:
    text = report_text(forked_database, tmp_path / "report.html")
    says = re.search(r'aria-label="(Bars, one for each expectation[^"]*)"', text)
    assert says
    assert says[1].endswith("what was observed: 1 bypass expected and direct, 1 bypass expected and unseen, 2 not expected and unseen.")
    chart = re.search(r'<figure class="drawn">.*?</figure>', text, re.DOTALL)
    assert chart
    assert {"1 direct", "1 unseen", "2 unseen"} <= set(re.findall(r"<text[^>]*>([^<]+)</text>", chart[0]))
    assert set(re.findall(r'fill="([^"]+)"', chart[0])) >= {"var(--pass)", "var(--unknown)"}
    assert " style=" not in chart[0]


def test_both_calls_have_a_ladder(forked_database: Path, tmp_path: Path) -> None:
    text = report_text(forked_database, tmp_path / "report.html")
    assert re.findall(r'aria-label="(Ladder of call \d)"', text) == ["Ladder of call 1", "Ladder of call 2"]
    assert text.count('class="pin"') >= 4


def test_markdown_says_the_same(forked_database: Path, tmp_path: Path) -> None:
    text = report_text(forked_database, tmp_path / "report.md")
    assert "### EDL002 (high): Peer ended the call when a further early dialog appeared" in text
    assert "  - capture.pcap frame 35: CANCEL from the peer" in text


def test_a_period_leaves_other_calls_out(forked_database: Path, tmp_path: Path) -> None:
    text = report_text(forked_database, tmp_path / "report.md", "--since", "2026-03-07T09:00:08", "--until", "2026-03-07T09:00:15Z")
    assert "1 capture showed 1 call over 1 peer" in text
    # What concerns no call, such as a peer or a setting, belongs to every period.
    assert re.findall(r"^### (\w+) ", text, flags=re.MULTILINE) == ["EDL010", "CFG009"]


def test_a_period_without_calls_has_a_page_without_a_chart(forked_database: Path, tmp_path: Path) -> None:
    text = report_text(forked_database, tmp_path / "report.html", "--until", "2001-01-01")
    assert "<figure" not in text


def test_the_same_database_gives_the_same_calls(forked_database: Path, tmp_path: Path) -> None:
    first, second = (report_text(forked_database, tmp_path / f"{name}.html") for name in "ab")
    made = re.compile(r"Made by siplens \S+ on [\d: -]+")
    assert made.sub("", first) == made.sub("", second)


@pytest.mark.usefixtures("capsys")
def test_the_demo_judges_every_sample_as_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert "not as expected.csv says" not in err
    assert re.search(r"All \d+ judgements in \d+ cases are as the traces' expected.csv says", out)
    assert f"Report       {tmp_path / 'siplens-demo' / 'report.html'}" in out
    index = (tmp_path / "siplens-demo" / "report.html").read_text(encoding="utf-8")
    for name in re.findall(r'href="([^"#]+)"', index):
        assert (tmp_path / "siplens-demo" / name).is_file()
    # A finding about a peer names the peer: there is no call whose number could stand there.
    assert "<b>EDL010</b> <b>peer 10.2.0.20</b>: refused 2 of 4" in index
