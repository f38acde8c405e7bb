"""Telling, against real local servers: an HTTP server and aiosmtpd, with failures injected."""

from __future__ import annotations

import email
import json
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from siplens.errors import ConfigurationError
from siplens.settings import find_settings
from siplens.tell import Destination, Message, NewsItem, read_destination, tell
from siplens.tell.retry import TellError

ITEM = NewsItem("f1", "EDL002", "Peer cancelled", "high", "new", 3, "gw1.contoso.example", "CANCEL *90* ms after <early> dialog 5")


def message(report: Path | None = None, items: int = 1) -> Message:
    return Message(
        job="nightly",
        title="Media bypass report",
        period="2026-03-07",
        outcome="findings",
        headline="4 calls, 2 failures standing: 1 new.",
        items=[ITEM] * items,
        figures={"calls": 4, "failures standing": 2, "new or changed": 1},
        summary="# siplens nightly: findings\n",
        report=report,
    )


def destination(folder: Path, text: str) -> Destination:
    path = folder / "siplens.toml"
    path.write_text(f"[tell.team]\n{text}\n")
    return read_destination(find_settings(path), "team")


class Pauses(list[float]):
    """Instead of sleeping: how long it would have."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def told(to: Destination, what: Message | None = None) -> tuple[str, Pauses]:
    pauses = Pauses()
    return tell(to, what or message(), "2026-03-08", pauses), pauses


# --- web hooks ---


def test_generic_json_holds_every_finding(tmp_path: Path, hook: Any) -> None:
    words, pauses = told(destination(tmp_path, f'kind = "webhook"\nurl = "{hook.url}"'), message(items=30))
    assert (words, pauses) == ("team: 127.0.0.1 took it (200)", [])
    [body] = hook.bodies
    assert (body["shape"], body["outcome"], body["figures"]["calls"], len(body["findings"])) == (1, "findings", 4, 30)
    assert body["findings"][0] == {
        "fingerprint": "f1",
        "rule_id": "EDL002",
        "title": "Peer cancelled",
        "severity": "high",
        "news": "new",
        "call_no": 3,
        "peer": "gw1.contoso.example",
        "reason": "CANCEL *90* ms after <early> dialog 5",
    }


def test_a_teams_card(tmp_path: Path, hook: Any) -> None:
    told(destination(tmp_path, f'kind = "teams"\nurl = "{hook.url}"'), message(items=12))
    [body] = hook.bodies
    [attachment] = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    texts = [part["text"] for part in card["body"] if part["type"] == "TextBlock"]
    assert texts[2] == r"**EDL002 \(high, new\)** call 3 via gw1.contoso.example: CANCEL \*90\* ms after <early\> dialog 5"
    assert texts[-1] == "and 2 more, all in the report"


def test_a_slack_card(tmp_path: Path, hook: Any) -> None:
    told(destination(tmp_path, f'kind = "slack"\nurl = "{hook.url}"'))
    [body] = hook.bodies
    assert body["text"] == "Media bypass report: 4 calls, 2 failures standing: 1 new."
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "context", "section"]
    assert "CANCEL *\u200b90*\u200b ms after &lt;early&gt; dialog 5" in body["blocks"][3]["text"]["text"]


@pytest.mark.parametrize("failures", [[503], [500, 502], ["drop"], [429, "drop", 503]])
def test_what_may_pass_is_tried_again_with_growing_pauses(tmp_path: Path, hook: Any, failures: list[int | str]) -> None:
    hook.answers = list(failures)
    words, pauses = told(destination(tmp_path, f'kind = "webhook"\nurl = "{hook.url}"'))
    assert words == "team: 127.0.0.1 took it (200)"
    assert len(hook.bodies) == 1
    assert [round(pause) for pause in pauses] == [1, 2, 4][: len(failures)] or all(
        0.8 * 2**n <= pause <= 1.2 * 2**n for n, pause in enumerate(pauses)
    )


def test_a_server_says_when(tmp_path: Path, hook: Any) -> None:
    hook.answers, hook.retry_after = [429], "17"
    _, pauses = told(destination(tmp_path, f'kind = "webhook"\nurl = "{hook.url}"'))
    assert pauses == [17.0]


def test_it_gives_up_and_shows_no_secret(tmp_path: Path, hook: Any) -> None:
    hook.answers = [503] * 9
    with pytest.raises(TellError) as raised:
        told(destination(tmp_path, f'kind = "webhook"\nurl = "{hook.url}"\nattempts = 3'))
    assert raised.value.message == "team: could not be told: 127.0.0.1 answered 503 Service Unavailable (tried 3 times)"
    assert len(hook.headers) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_what_will_not_pass_is_not_tried_again(tmp_path: Path, hook: Any, status: int) -> None:
    hook.answers = [status]
    with pytest.raises(TellError, match=f"refused it: {status}"):
        told(destination(tmp_path, f'kind = "webhook"\nurl = "{hook.url}"'))
    assert len(hook.headers) == 1


def test_a_server_that_hangs_and_one_that_is_not_there(tmp_path: Path, hook: Any) -> None:
    hook.answers = ["hang"]
    with pytest.raises(TellError, match="timed out"):
        told(destination(tmp_path, f'kind = "webhook"\nurl = "{hook.url}"\nattempts = 1\ntimeout_s = 0.2'))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TellError, match=r"Connection refused \(tried 2 times\)"):
        told(destination(tmp_path, f'kind = "webhook"\nurl = "http://127.0.0.1:{port}/"\nattempts = 2'))


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path, hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    to = destination(tmp_path, 'kind = "webhook"\nurl_env = "TEAM_URL"\ntoken_file = "token"')
    monkeypatch.delenv("TEAM_URL", raising=False)
    with pytest.raises(ConfigurationError, match=r"\[tell.team\] url_env: the environment has no TEAM_URL"):
        told(to)
    monkeypatch.setenv("TEAM_URL", hook.url)
    told(to)
    assert hook.headers[0]["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'kind = "webhook"\nurl = "https://x"\ntoken = "abc"',
            r"toml:4: \[tell.team\] token: is a secret and does not belong into this file",
        ),
        ('kind = "fax"', r"\[tell.team\] kind: 'fax' is not one of webhook, teams, slack, email, ticket"),
        ('kind = "slack"\nurl = "ftp://x"', "is not a web address"),
        ('kind = "email"\nhost = "h"\nfrom = "a@b"', r"\[tell.team\] to: is missing"),
        ('kind = "ticket"\npath = "x.txt"', "names no form"),
        ('kind = "slack"\nurl = "https://x"\nhost = "h"', r"host: is not known here"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        destination(tmp_path, text)


# --- mail ---


class Mailbox:
    """An SMTP server's handler: keeps mails; answers RCPT and DATA as told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, list[str]] = {"RCPT": [], "DATA": []}
        self.logins: list[tuple[str, str]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers["RCPT"]:
            return self.answers["RCPT"].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers["DATA"]:
            return self.answers["DATA"].pop(0)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        self.recipients = envelope.rcpt_tos
        return "250 taken"

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"pa55", handled=False)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, authenticator=box.login, auth_require_tls=False)
    controller.start()
    yield box, port
    controller.stop()


MAIL = """\
kind = "email"
host = "127.0.0.1"
tls = "none"
from = "siplens <siplens@contoso.example>"
to = ["Team <voice@contoso.example>", "b@contoso.example"]
"""


def test_a_mail_with_the_report_attached(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    report = tmp_path / "nightly-2026-03-07.html"
    report.write_text("<html>ü</html>", encoding="utf-8")
    words, _ = told(destination(tmp_path, f"{MAIL}port = {port}"), message(report))
    assert words == "team: 127.0.0.1 took it for Team <voice@contoso.example>, b@contoso.example"
    [mail] = box.mails
    assert mail["Subject"] == "[siplens] Media bypass report, 2026-03-07: 1 new, worst high"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert box.recipients == ["voice@contoso.example", "b@contoso.example"]
    text, attached = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == "# siplens nightly: findings\n"  # type: ignore[attr-defined]
    assert (attached.get_content_type(), attached.get_filename()) == ("text/html", "nightly-2026-03-07.html")
    assert attached.get_payload(decode=True).decode() == "<html>ü</html>"  # type: ignore[union-attr]


def test_a_mail_server_that_is_busy_is_asked_again(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    box.answers["DATA"] = ["451 try later", "452 full"]
    _, pauses = told(destination(tmp_path, f"{MAIL}port = {port}"))
    assert (len(box.mails), len(pauses)) == (1, 2)
    box.answers["RCPT"] = ["450 greylisted", "450 greylisted"]
    _, pauses = told(destination(tmp_path, f"{MAIL}port = {port}"))
    assert (len(box.mails), len(pauses)) == (2, 1)


def test_a_mail_server_that_refuses(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    box.answers["DATA"] = ["554 no spam"]
    with pytest.raises(TellError, match=r"127\.0\.0\.1 answered 554 no spam"):
        told(destination(tmp_path, f"{MAIL}port = {port}"))
    box.answers["RCPT"] = ["550 nobody", "550 nobody"]
    with pytest.raises(TellError, match=r"voice@contoso\.example: 550 nobody"):
        told(destination(tmp_path, f"{MAIL}port = {port}"))
    box.answers["RCPT"] = ["550 nobody"]
    words, _ = told(destination(tmp_path, f"{MAIL}port = {port}"))
    assert words == "team: 127.0.0.1 took it for b@contoso.example; refused: voice@contoso.example"


def test_a_mail_server_that_wants_a_password(tmp_path: Path, mailbox: tuple[Mailbox, int], monkeypatch: pytest.MonkeyPatch) -> None:
    box, port = mailbox
    to = destination(tmp_path, f'{MAIL}port = {port}\nuser = "siplens"\npassword_env = "SMTP_PASSWORD"')
    monkeypatch.setenv("SMTP_PASSWORD", "pa55")
    told(to)
    assert box.logins[0] == ("siplens", "pa55")
    monkeypatch.setenv("SMTP_PASSWORD", "wrong")
    with pytest.raises(TellError, match="answered 535") as raised:
        told(to)
    assert "wrong" not in raised.value.message


def test_a_mail_server_without_starttls_is_given_nothing(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    with pytest.raises(TellError, match="STARTTLS"):
        told(destination(tmp_path, MAIL.replace('tls = "none"', 'tls = "starttls"') + f"port = {port}"))
    assert box.mails == []


def test_a_mail_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TellError, match=r"Connection refused.* \(tried 2 times\)"):
        told(destination(tmp_path, f"{MAIL}port = {port}\nattempts = 2"))


# --- tickets ---


def test_a_ticket_is_never_written_over(tmp_path: Path) -> None:
    to = destination(tmp_path, 'kind = "ticket"\npath = "tickets/{job}-{period}.json"')
    assert [told(to)[0].rpartition("/")[2] for _ in range(2)] == ["nightly-2026-03-07.json", "nightly-2026-03-07-2.json"]
    body = json.loads((tmp_path / "tickets" / "nightly-2026-03-07.json").read_text())
    assert body["findings"][0]["rule_id"] == "EDL002"
    told(destination(tmp_path, 'kind = "ticket"\npath = "tickets/{date}-{number}.md"'))
    assert (tmp_path / "tickets" / "2026-03-08-1.md").read_text() == "# siplens nightly: findings\n"


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "tickets").write_text("a file where a folder should be")
    with pytest.raises(TellError, match="tried 2 times"):
        told(destination(tmp_path, 'kind = "ticket"\npath = "tickets/{job}.json"\nattempts = 2'))
