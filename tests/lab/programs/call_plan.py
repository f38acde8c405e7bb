"""What a B2BUA is told to do with one call, how far each of its invitations has come, and what all calls share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dialogs import Dialog
from endpoint import Endpoint
from sip_text import Audio


@dataclass(frozen=True)
class CallPlan:
    """What the server was told to do with the call of one number."""

    inviting: str
    """"client" or "peer": whose INVITE begins the call."""
    targets: list[list[Any]]
    """Transport, address, port, user of everyone to invite; several mean forking."""
    direct: bool
    """Bypass: each side is told the other's address. Else, or after a refusal: the server's own."""
    reliable: bool = False
    """Provisional responses to the inviting side require PRACK."""
    update: bool = False
    """UPDATE to the inviting side in the second early dialog."""
    pull_back: bool = False
    """Soon after the answer, move the media back to the server by re-INVITE of both sides."""
    merge: bool = False
    """Of several early dialogs show the inviting side one (an SBC's work)."""
    own: str = ""
    """Name and number of the person on the client side, for From on the trunk."""
    bypass_id: str = ""


@dataclass
class Branch:
    """One target of the invitation, and what came of it."""

    dialog: Dialog
    via_branch: str = ""
    final: int = 0
    early: bool = False


@dataclass
class Fork:
    """One early dialog: the invited side's, and our tag for it on the inviting side."""

    dialog: Dialog
    tag: str
    audio: Audio | None = None


@dataclass
class Server:
    """What all calls of one program share."""

    endpoint: Endpoint
    agent: str
    domain: str
    ports: dict[str, int]
    """Our own SIP port by side."""
    plans: dict[str, CallPlan]
    calls: dict[str, Any] = field(default_factory=dict)
    """Both legs' Call-IDs lead to the Call."""
    next_media_port: int = 50000

    def media_ports(self) -> dict[str, int]:
        self.next_media_port += 4
        return {"client": self.next_media_port, "peer": self.next_media_port + 2}
