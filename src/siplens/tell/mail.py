"""Sends the message by SMTP, the report attached."""

from __future__ import annotations

import mimetypes
import smtplib
import socket
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from siplens.report.text import visible
from siplens.tell.destination import Destination
from siplens.tell.message import Message
from siplens.tell.retry import TellError, TransientError

MOST_BYTES = 20_000_000
"""A report larger than this is named, not attached: mail servers refuse it."""


def letter(destination: Destination, message: Message) -> EmailMessage:
    """The message as a mail: the summary as its text, the report attached."""
    mail = EmailMessage()
    new = sum(item.news != "standing" for item in message.items)
    worst = next(iter(message.severities), None)
    found = f"{new} new, worst {worst}" if new else message.outcome
    mail["Subject"] = visible(f"[siplens] {message.title}, {message.period}: {found}")
    mail["From"] = destination.sender
    mail["To"] = ", ".join(destination.to)
    mail["Date"] = formatdate(usegmt=True)
    mail["Message-ID"] = make_msgid(domain=destination.sender.rpartition("@")[2].rstrip(">") or "localhost")
    mail["Auto-Submitted"] = "auto-generated"
    text = message.summary
    report = message.report if destination.attach and message.report and message.report.exists() else None
    if report and report.stat().st_size > MOST_BYTES:
        text += f"\nThe report is too large to be attached: {report}\n"
        report = None
    mail.set_content(text)
    if report:
        kind, _, form = (mimetypes.guess_type(report.name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(report.read_bytes(), maintype=kind, subtype=form, filename=report.name)
    return mail


def send(destination: Destination, mail: EmailMessage) -> str:
    """Sends once; returns what was done, in words. Raises TransientError or TellError."""
    try:
        with _connected(destination) as server:
            refused = server.send_message(mail, to_addrs=[_address(to) for to in destination.to])
    except smtplib.SMTPResponseException as error:
        words = f"{destination.host} answered {error.smtp_code} {_text(error.smtp_error)}"
        if 400 <= error.smtp_code < 500:
            raise TransientError(words) from None
        raise TellError(f"{destination.name}: {words}") from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        words = "; ".join(f"{to}: {code} {_text(reason)}" for to, (code, reason) in error.recipients.items())
        if all(code < 500 for code in codes):
            raise TransientError(words) from None
        raise TellError(f"{destination.name}: {words}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise TellError(f"{destination.name}: {destination.host}: {error}", 'set tls = "none" only inside a network you trust') from None
    except (OSError, smtplib.SMTPException) as error:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise TellError(f"{destination.name}: {destination.host}: its certificate is not trusted: {error.verify_message}") from None
        raise TransientError(f"{destination.host}:{destination.port}: {str(error) or type(error).__name__}") from None
    taken = [to for to in destination.to if _address(to) not in refused]
    words = f"{destination.name}: {destination.host} took it for {', '.join(taken)}"
    return words + (f"; refused: {', '.join(refused)}" if refused else "")


class _connected:  # noqa: N801 - a context manager, named as a sentence reads
    """An SMTP connection, secured and signed in as the destination says; always closed."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    def __enter__(self) -> smtplib.SMTP:
        to = self._destination
        name = socket.gethostname()
        if to.tls == "tls":
            self._server: smtplib.SMTP = smtplib.SMTP_SSL(
                to.host, to.port, local_hostname=name, timeout=to.timeout_s, context=ssl.create_default_context()
            )
        else:
            self._server = smtplib.SMTP(to.host, to.port, local_hostname=name, timeout=to.timeout_s)
        try:
            if to.tls == "starttls":
                self._server.starttls(context=ssl.create_default_context())
            if to.user is not None:
                self._server.login(to.user, to.password.read() if to.password else "")
        except BaseException:
            self._server.close()
            raise
        return self._server

    def __exit__(self, *_: object) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._server.quit()
        self._server.close()


def _address(text: str) -> str:
    """The bare address of `Name <address>`."""
    bare = text.rpartition("<")[2].rstrip(">").strip()
    with suppress(ValueError, IndexError):
        return Address(addr_spec=bare).addr_spec
    return bare


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
