"""Tells one destination, trying again where that may help."""

from __future__ import annotations

import time
from collections.abc import Callable

from siplens.tell import hook, mail, ticket
from siplens.tell.cards import BODIES
from siplens.tell.destination import Destination
from siplens.tell.message import Message
from siplens.tell.retry import with_retries


def tell(destination: Destination, message: Message, date: str, sleep: Callable[[float], None] = time.sleep) -> str:
    """Tells, and says in words whom. Raises TellError where it could not, or ConfigurationError for a secret that is not there.

    date: the day of the run, for the name of a ticket file.
    """
    if destination.kind == "email":
        written = mail.letter(destination, message)
        return with_retries(destination.name, destination.attempts, lambda: mail.send(destination, written), sleep)
    if destination.kind == "ticket":
        return with_retries(destination.name, destination.attempts, lambda: ticket.write(destination, message, date), sleep)
    body = BODIES[destination.kind](message)
    return with_retries(destination.name, destination.attempts, lambda: hook.post(destination, body), sleep)
