"""What a B2BUA is told to do with one call, and how far each of its invitations has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dialogs import Dialog
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
