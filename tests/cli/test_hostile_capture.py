"""A peer that means harm in every field it writes: from its packets, through ingest, to every place where people look.

The sample traces are written anew with hostile Call-IDs, names, products, reason phrases, tags and SDP; their file, the host name that
the capture resolves, the configuration's gateway, site and trunk, a rule of the team's own and the reason of a waiver are hostile too.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import shutil
import struct
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from siplens.cli.app import main
from siplens.resources import shipped_folder
from siplens.store import open_store
from siplens.tell import Message, NewsItem
from siplens.tell.cards import BODIES
from siplens.tell.destination import Destination
from siplens.tell.mail import letter

TRACES = shipped_folder("sample_traces")
HARM = "=cmd()<script>alert(1)</script>\x1b[31m\x9b2J\u202e[x](javascript:1)"
"""A formula, markup, escapes of a terminal, a right-to-left mark, a link."""
WORD = HARM.replace("/", "").replace(" ", "")
"""The same where a slash or a space would end the value."""
STEERING = frozenset({"Cc", "Cf", "Cs"})


def spoiled(message: bytes) -> bytes:
    """A SIP message with harm wherever it is text that others will read."""
    head, _, body = message.decode().partition("\r\n\r\n")
    if body.startswith("v=0"):
        body = body.replace("s=-", f"s={HARM}").replace("o=-", f"o={WORD}") + f"a={HARM}\r\na=rtpmap:97 {WORD}/8000\r\n"
        body = re.sub(r"(m=audio \d+ \S+)", r"\1 97", body)
    lines = [spoiled_line(line, len(body.encode())) for line in head.split("\r\n")]
    lines[1:1] = [f'Reason: Q.850;cause=16;text="{HARM}"', f'Warning: 399 host "{HARM}"', f"X-Harm: {HARM}", f"Subject: {HARM}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def spoiled_line(line: str, size: int) -> str:
    name, _, value = line.partition(":")
    match name.strip().lower():
        case "call-id":
            return f"{line}{WORD}"
        case "user-agent" | "server":
            return f"{name}: {HARM}"
        case "content-length":
            return f"{name}: {size}"
        case "from" | "to" | "contact":
            value = re.sub(r"<sip:(anna|ben|carla|david|emma)@", "<sip:=cmd()\x1b[31m\u202e@", value.strip())
            return f'{name}: "{HARM}" {value}' if value.startswith("<") else f"{name}: {value}"
    return re.sub(r"^(SIP/2.0 \d{3}) .*", rf"\1 {HARM}", line)


def recipe(case: str) -> ModuleType:
    """The module that writes a sample trace, with a Capture that spoils what it is given."""
    sys.path.insert(0, str(TRACES))
    found = importlib.util.spec_from_file_location(f"spoiled_{case}", TRACES / case / "recipe.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)

    class Spoiled(module.Capture):  # type: ignore[name-defined, misc]
        def sip(self, at: float, src: object, src_port: int, dst: object, dst_port: int, transport: str, *messages: bytes) -> None:
            super().sip(at, src, src_port, dst, dst_port, transport, *map(spoiled, messages))

    module.Capture = Spoiled  # type: ignore[attr-defined]
    return module


def named(pcap: bytes) -> bytes:
    """A pcap as pcapng with a block that resolves the gateway's address, and a comment."""
    from siplens.capture.pcapng import PcapngWriter

    file = io.BytesIO()
    writer = PcapngWriter(file, application=HARM, comment=HARM)
    record = bytes([10, 2, 0, 20]) + HARM.encode() + b"\0"
    names = struct.pack("<HH", 1, len(record)) + record + bytes(-len(record) % 4) + bytes(4)
    size = struct.pack("<I", 12 + len(names))
    file.write(struct.pack("<I", 4) + size + names + size)
    interface, at = writer.interface(0, 1, 65535, HARM, HARM), 24
    nanoseconds = pcap[:4] == b"\x4d\x3c\xb2\xa1"
    while at < len(pcap):
        seconds, rest, held, original = struct.unpack_from("<IIII", pcap, at)
        writer.packet(interface, seconds * 10**9 + rest * (1 if nanoseconds else 1000), pcap[at + 16 : at + 16 + held], original, [HARM])
        at += 16 + held
    return file.getvalue()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the database, rules and configuration, in which the commands run."""
    folder = tmp_path_factory.mktemp("harm")
    quoted = json.dumps(HARM)
    for number, case in enumerate(("forked_cancelled", "direct_media_refused")):
        made = folder / case
        made.mkdir()
        recipe(case).write(made)
        (folder / f"{number}{WORD}.pcapng").write_bytes(named((made / "capture.pcap").read_bytes()))
        shutil.rmtree(made)
    config = (TRACES / "forked_cancelled" / "config.yaml").read_text(encoding="utf-8")
    for name in ("gw1.contoso.example", "Berlin", "EMEA"):
        config = re.sub(rf'"?(Service:PstnGateway:)?{re.escape(name)}"?', lambda found: json.dumps((found[1] or "") + HARM), config)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    own = folder / "own" / "harm"
    own.mkdir(parents=True)
    text = f"""/*
id = "OWN001"
title = {quoted}
severity = "high"
subject = "call"
meaning = {quoted}
impact = {quoted}
causes = [{quoted}]
fix = [{quoted}]
references = [{quoted}]
*/
select
    call_no as subject_id,
    'fail' as status,
    caller || '{HARM}' as reason,
    [{{'source_id': 1, 'frame': 1::bigint, 'line': null::bigint, 'note': caller}}] as evidence,
    call_no,
    peer_ip as peer
from call
"""
    (own / "OWN001_harm.sql").write_text(text, encoding="utf-8")
    (folder / "siplens.toml").write_text('rule_folders = ["own"]\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SIPLENS_DB", str(folder / "harm.duckdb"))
        assert main(["ingest", *map(str, sorted(folder.glob("*.pcapng")))]) == 0
        assert main(["config", "import", "config.yaml"]) == 0
        assert main(["check", "--fail-on", "never"]) == 0
        assert main(["waive", "OWN001", "--reason", HARM]) == 0
        yield folder


def steers(text: str) -> set[str]:
    """Characters in a text that steer a terminal or turn its direction."""
    return {character for character in text if character not in "\n\t\r" and unicodedata.category(character) in STEERING}


def formulas(text: str) -> list[str]:
    """Cells of a CSV that a spreadsheet would work out."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"[+-]?\d+(\.\d+)?", cell.strip())]


def test_the_harm_was_stored(place: Path) -> None:
    with open_store(place / "harm.duckdb", write=False) as store:
        for query in HELD:
            assert any("cmd()" in (value or "") for (value,) in store.query(query).rows), query


HELD = (
    "select call_id from leg",
    "select caller from call",
    "select user_agent from message",
    "select reason_phrase from message",
    "select header.value from (select unnest(headers) as header from message)",
    "select path from source",
    "select name from resolved_name",
    "select identity from gateway",
    "select trunk from bypass_peer",
    "select site from bypass_subnet",
    "select reason from finding",
    "select reason from waiver",
)


COMMANDS = (
    ["calls"], ["call", "1"], ["call", "5"], ["explain", "1"], ["explain", "OWN001"], ["check", "--fail-on", "never"], ["peers"], ["trend"],
    ["waive", "--list"], ["rules", "list"], ["rules", "show", "OWN001"], ["rules", "history"], ["config", "show"], ["config", "check"],
    ["whatif", "--set", "bypass_settings.Enabled=false"], ["sql", "from message"], ["sql", "from resolved_name"], ["sql", "from source"],
    ["doctor"],
)  # fmt: skip


@pytest.mark.parametrize("form", ["table", "csv", "json", "ndjson", "markdown"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_steers_a_terminal_or_a_spreadsheet(
    command: list[str], form: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    status = main([*command, "--format", form])
    out, err = capsys.readouterr()
    if status == 2 and ("such option" in err or "is not one of" in err or "--format" in err):
        status = main(command) if form == "table" else 0
        out, err = (*capsys.readouterr(),) if form == "table" else ("", "")
    assert status in (0, 1), err
    assert steers(out + err) == set()
    if form == "csv":
        assert formulas(out) == []
    if form == "markdown":
        prose = re.sub(r"(?s)\n````sql.*?\n````", "", out)
        assert not re.search(r"(?<!\\)\[x\]\(|<script", prose)


@pytest.mark.parametrize("kind", ["incident", "compliance"])
@pytest.mark.parametrize("ending", ["html", "md", "json", "csv", "sarif", "xml"])
def test_no_report_carries_it_on(kind: str, ending: str, place: Path) -> None:
    output = place / f"{kind}.{ending}"
    assert main(["report", "--kind", kind, "--since", "2026-03-01", "--title", HARM, "-o", str(output)]) == 0
    text = output.read_text(encoding="utf-8")
    assert "alert" in text
    assert steers(text) == set()
    if ending in ("html", "md"):
        assert "<script" not in text
    if ending in ("md", "sarif"):
        read = [text] if ending == "md" else [value for name, value in texts(json.loads(text)) if name in ("text", "markdown")]
        assert not any(re.search(r"(?<!\\)\[x\]\(", one) for one in read)
    if ending == "csv":
        assert formulas(text) == []
    if ending == "xml":
        assert not list(ElementTree.fromstring(text).iter("script"))


@pytest.mark.parametrize("form", ["svg", "mermaid", "text"])
def test_no_ladder_carries_it_on(form: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["call", "1", "--ladder", form]) == 0
    text = capsys.readouterr().out
    assert steers(text) == set()
    assert "<script" not in text or form == "text"
    if form == "svg":
        assert {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(text).iter()}.isdisjoint({"script", "a", "image"})


PAGES = (
    "/",
    "/calls",
    "/calls?text=%3Cscript%3E",
    "/calls/1",
    "/calls/5",
    "/findings",
    "/findings?rule=OWN001",
    "/peers",
    "/trends",
    "/sql?q=from+message",
    "/rules/OWN001",
    "/calls/%3Cscript%3Ealert(1)%1b",
    "/sql?q=%1b%3Cscript%3E",
    "/findings?rule=%3Cscript%3E",
)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_carries_it_on(address: str, place: Path) -> None:
    testclient = pytest.importorskip("fastapi.testclient")
    from siplens.web.app import make_app

    with testclient.TestClient(make_app(place / "harm.duckdb"), base_url="http://localhost") as browser:
        answer = browser.get(address)
        assert answer.status_code == {"/calls/%3Cscript%3Ealert(1)%1b": 404, "/sql?q=%1b%3Cscript%3E": 400}.get(address, 200)
        assert "<script>" not in answer.text.replace('<script src="/explorer.js" defer></script>', "")
        assert steers(answer.text) == set()


@pytest.mark.parametrize("address", ["/api/calls.csv", "/api/sql.csv?q=from+message", "/api/sql.csv?q=from+finding"])
def test_no_download_carries_it_on(address: str, place: Path) -> None:
    testclient = pytest.importorskip("fastapi.testclient")
    from siplens.web.app import make_app

    with testclient.TestClient(make_app(place / "harm.duckdb"), base_url="http://localhost") as browser:
        text = browser.get(address).text
        assert "cmd" in text
        assert steers(text) == set()
        assert formulas(text) == []


@pytest.mark.parametrize("address", ["/api/calls", "/api/calls/1", "/api/findings", "/api/peers", "/api/rules", "/api/calls/%9b%e2%80%ae"])
def test_no_answer_of_the_api_steers_a_terminal(address: str, place: Path) -> None:
    """JSON keeps the text as it was, behind escapes: `curl` shows nothing that the terminal obeys."""
    testclient = pytest.importorskip("fastapi.testclient")
    from siplens.web.app import make_app

    with testclient.TestClient(make_app(place / "harm.duckdb"), base_url="http://localhost") as browser:
        answer = browser.get(address)
        assert steers(answer.text) == set()
        assert answer.status_code == 404 or any("\u202e" in text for _, text in texts(answer.json()))


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_no_packet_comment_carries_it_on(place: Path) -> None:
    output = place / "calls.pcapng"
    assert main(["export", "--where", "call_no > 0", "-o", str(output)]) == 0
    shown = ["tshark", "-r", str(output), "-T", "fields", "-e", "frame.comment", "-e", "frame.interface_name"]
    text = subprocess.run([*shown, "-e", "frame.interface_description"], capture_output=True, check=True).stdout.decode()
    assert "EDL002" in text
    assert steers(text) == set()


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_no_message_carries_it_on(kind: str) -> None:
    item = NewsItem("f" * 32, "OWN001", HARM, "high", "new", 1, HARM, HARM)
    body = BODIES[kind](Message("nightly", HARM, HARM, "findings", HARM, [item], {"calls": 1}, HARM))
    assert steers(json.dumps(body)) == set()
    if kind == "webhook":
        return  # for programs: JSON's own escapes keep the text as it was
    written = [text for name, text in texts(body) if "=cmd" in text]
    assert len(written) >= 3
    assert steers("".join(written)) <= {"\u200b"}
    if kind == "teams":
        assert not any(re.search(r"(?<!\\)\[x\]\(", text) for text in written)
    else:
        assert [text for text in written if "<script" in text] == [body["blocks"][0]["text"]["text"]], "only where Slack reads plain text"


def test_no_mail_and_no_ticket_carries_it_on(place: Path) -> None:
    """Both hold the page that a run of a job writes."""
    (place / "siplens.toml").write_text(JOB, encoding="utf-8")
    assert main(["run", "nightly"]) in (0, 1)
    (ticket,) = place.glob("ticket-*.md")
    for path in (ticket, place / "nightly.md"):
        text = path.read_text(encoding="utf-8")
        assert "alert" in text
        assert steers(text) == set()
        assert not re.search(r"(?<!\\)\[x\]\(|<script", text)
    item = NewsItem("f" * 32, "OWN001", HARM, "high", "new", 1, HARM, HARM)
    destination = Destination("mail", "email", True, 1, 1.0, sender="siplens@contoso.example", to=("ops@contoso.example",))
    mail = letter(
        destination, Message("nightly", HARM, f"{HARM}\r\nBcc: all@contoso.example", "findings", HARM, [item], {"calls": 1}, "one")
    )
    assert mail["Bcc"] is None
    assert steers(str(mail["Subject"])) == set()


JOB = """
rule_folders = ["own"]
[jobs.nightly]
schedule = "daily 06:00"
time_zone = "Europe/Berlin"
database = "harm.duckdb"
period = "all"
summary = "nightly.md"
tell = ["ticket"]
[tell.ticket]
kind = "ticket"
everything = true
path = "ticket-{job}-{number}.md"
"""


def texts(body: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a JSON value, with the name it stands under."""
    if isinstance(body, str):
        yield name, body
    elif isinstance(body, dict):
        for key, value in body.items():
            yield from texts(value, key)
    elif isinstance(body, list):
        for value in body:
            yield from texts(value, name)
