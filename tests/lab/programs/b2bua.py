"""The Mediation Server's part, or an SBC's: one call over two legs, each with a Call-ID of its own.

What it does is told to it per call by the plan (`CallPlan`). It forks an invitation to several endpoints itself, as if
the front end were on the same machine, and passes on every endpoint's 18x as an early dialog with a To tag of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from call_plan import Branch, CallPlan, Fork, Server
from dialogs import Dialog, new_token, response
from endpoint import Hop
from media_relay import MediaRelay
from sip_text import Audio, Message, audio_of, g711, user_of

REFUSALS = (415, 488, 606)
PULL_BACK_S = 1.5


class Call:
    """Both legs of one call."""

    def __init__(self, server: Server, plan: CallPlan, invite: Message, hop: Hop) -> None:
        self.server, self.plan, self.invite = server, plan, invite
        self.invited = "peer" if plan.inviting == "client" else "client"
        self.direct = plan.direct
        self.relay = MediaRelay(server.endpoint.ip, server.media_ports())
        self.inviter = Dialog(
            plan.inviting, hop, invite.call_id, invite.get("to"), "", invite.get("from").rpartition(";tag=")[0], invite.tag("from"),
            invite.get("contact").strip("<>") or "sip:unknown", 100, self._agent("User-Agent"),
        )  # fmt: skip
        self.branches: list[Branch] = []
        self.forks: dict[tuple[int, str], Fork] = {}
        self.answered: Fork | None = None
        self.over = False
        self.offer = audio_of(invite.body)
        # re-INVITEs of ours that wait for an answer: by Call-ID and CSeq, what to do with it
        self.waiting: dict[tuple[str, int], Callable[[Message], None]] = {}

    def _agent(self, header: str) -> list[tuple[str, str]]:
        return [(header, self.server.agent)]

    def _contact(self, side: str, hop: Hop) -> tuple[str, str]:
        return "Contact", f"<sip:{self.server.domain}:{self.server.ports[side]};transport={hop.transport};maddr={self.server.endpoint.ip}>"

    def _sdp(self, side: str, audio: Audio, version: int = 1) -> bytes:
        """What `side` is told of the other side's audio."""
        self.relay.remote["peer" if side == "client" else "client"] = audio
        told = audio if self.direct else self.relay.audio(side, audio.direction)
        bypass = [f"a=x-bypassid:{self.plan.bypass_id}"] if self.direct and side == "client" and self.plan.bypass_id else []
        return g711(told, self.server.endpoint.ip, *bypass, version=version)

    async def start(self) -> None:
        """100 Trying, and the invitation of everyone."""
        self._tell(100, "Trying", "")
        if not (self.plan.direct and self.plan.merge):
            await self.relay.open()
        call_id, tag = new_token(f"{self.server.agent[:4].lower()}-") + f"@{self.server.endpoint.ip}", new_token("b2b")
        self.server.calls[call_id] = self
        for transport, ip, port, user in self.plan.targets:
            hop = self.server.endpoint.hop(transport, (ip, port), self.server.ports[self.invited])
            local = self.plan.own if self.invited == "peer" else f"<sip:{user_of(self.invite.get('from'))}@contoso.example;user=phone>"
            remote = f"<sip:{user_of(self.invite.uri)}@{'gw.contoso.example' if self.invited == 'peer' else 'contoso.example'};user=phone>"
            if self.invited == "client":
                remote = f"<sip:{user}@contoso.example>"
            target = f"sip:{user or user_of(self.invite.uri)}@{ip}:{port};transport={hop.transport}"
            self.branches.append(Branch(Dialog(self.invited, hop, call_id, local, tag, remote, "", target, 0, self._agent("User-Agent"))))
        self._invite()

    def _invite(self) -> None:
        assert self.offer is not None
        for branch in self.branches:
            branch.via_branch, branch.final = new_token("z9hG4bK"), 0
            extra = [
                self._contact(self.invited, branch.dialog.hop),
                ("Supported", "100rel, timer, replaces" + (", ms-bypass" if self.invited == "client" else "")),
                ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, PRACK"),
            ]
            invite = branch.dialog.request("INVITE", *extra, body=self._sdp(self.invited, self.offer), branch=branch.via_branch)
            self.server.endpoint.send(invite, branch.dialog.hop)

    def _tell(self, status: int, phrase: str, tag: str, *extra: tuple[str, str], body: bytes = b"", until: object = None) -> None:
        """A response to the INVITE that began the call."""
        server = self._agent("Server") if status > 100 else []
        message = response(self.invite, status, phrase, tag, *server, *extra, body=body)
        self.server.endpoint.send(message, self.inviter.hop, until=until)

    # responses

    def on_response(self, message: Message) -> None:
        """A response on either leg to a request of ours."""
        if message.method != "INVITE" or message.status == 100:
            return
        key = (message.call_id, message.cseq)
        if key in self.waiting:
            if message.status >= 200:
                self._on_reinvite_answered(message, self.waiting.pop(key))
            return
        found = [(n, branch) for n, branch in enumerate(self.branches) if branch.via_branch == message.branch]
        if not found:
            return
        number, branch = found[0]
        if message.status < 200:
            branch.early = True
            if not self.over:
                self._on_progress(message, number, branch)
        elif message.status < 300:
            self._on_answer(message, number, branch)
        else:
            self._on_failure(message, branch)

    def _fork(self, message: Message, number: int, branch: Branch) -> tuple[Fork, bool]:
        key = (number, message.tag("to"))
        known = key in self.forks
        if not known:
            invited = branch.dialog
            dialog = Dialog(
                invited.side, invited.hop, invited.call_id, invited.local, invited.local_tag, invited.remote, key[1],
                message.get("contact").strip("<>") or invited.target, invited.cseq, invited.agent,
            )  # fmt: skip
            merged = self.plan.merge and self.forks
            self.forks[key] = Fork(dialog, next(iter(self.forks.values())).tag if merged else new_token("med"))
        fork = self.forks[key]
        fork.audio = audio_of(message.body) or fork.audio
        return fork, not known

    def _on_progress(self, message: Message, number: int, branch: Branch) -> None:
        if not message.tag("to"):
            return
        fork, is_new = self._fork(message, number, branch)
        if "100rel" in message.get("require") and is_new:
            rack = f"{message.get('rseq')} {message.get('cseq')}"
            self.server.endpoint.send(fork.dialog.request("PRACK", ("RAck", rack)), fork.dialog.hop)
        if self.plan.merge and len(self.forks) > 1:
            return
        body = self._sdp(self.plan.inviting, fork.audio) if fork.audio and message.body else b""
        reliable = self.plan.reliable and is_new
        extra = [("Require", "100rel"), ("RSeq", "1")] if reliable else []
        until = ("reliable", fork.tag) if reliable else None
        phrase = "Session Progress" if message.status == 183 else "Ringing"
        self._tell(message.status, phrase, fork.tag, self._contact(self.plan.inviting, self.inviter.hop), *extra, body=body, until=until)
        if self.plan.update and is_new and len(self.forks) == 2 and fork.audio:
            self._send_update(fork)

    def _send_update(self, fork: Fork) -> None:
        """The endpoint moved its media: UPDATE to the inviting side, within this early dialog."""
        assert fork.audio is not None
        early = Dialog(**{**vars(self.inviter), "local_tag": fork.tag})
        moved = Audio(fork.audio.ip, fork.audio.port + 2, fork.audio.direction)
        body = self._sdp(self.plan.inviting, moved, version=2)
        self.server.endpoint.send(early.request("UPDATE", self._contact(early.side, early.hop), body=body), early.hop)

    def _on_answer(self, message: Message, number: int, branch: Branch) -> None:
        branch.final = message.status
        fork, _ = self._fork(message, number, branch)
        dialog = fork.dialog
        self.server.endpoint.send(dialog.request("ACK", cseq=message.cseq), dialog.hop)
        if (self.answered is not None and self.answered is not fork) or self.over:
            self.server.endpoint.send(dialog.request("BYE"), dialog.hop)
            return
        if self.answered is not None:
            return  # the answer came again: only its ACK was lost
        self.answered = fork
        for other in self.branches:
            if other is not branch and not other.final:
                self._cancel(other)
        if fork.audio is not None and fork.audio.port == 0 and self.direct:
            assert self.offer is not None
            self.direct = False
            self._reinvite(dialog, self.offer, partial(self._on_own_address_taken, fork))
            return
        self._pass_on_answer(fork)

    def _pass_on_answer(self, fork: Fork) -> None:
        self.inviter.local_tag = fork.tag
        self._forget_reliable()
        body = self._sdp(self.plan.inviting, fork.audio) if fork.audio else b""
        contact = self._contact(self.plan.inviting, self.inviter.hop)
        self._tell(200, "OK", fork.tag, contact, body=body, until=("2xx", self.invite.call_id, self.invite.cseq))
        if self.plan.pull_back:
            asyncio.get_running_loop().call_later(PULL_BACK_S, self._pull_back)

    def _on_failure(self, message: Message, branch: Branch) -> None:
        dialog = branch.dialog
        acknowledged = Dialog(**{**vars(dialog), "remote_tag": message.tag("to")})
        self.server.endpoint.send(acknowledged.request("ACK", cseq=message.cseq, branch=branch.via_branch), dialog.hop)
        branch.final = message.status
        if self.over or self.answered:
            return
        if self.direct and message.status in REFUSALS and self.invited == "peer":
            self.direct = False
            self._invite()
        elif all(each.final for each in self.branches):
            self.over = True
            tag = next((fork.tag for fork in self.forks.values()), new_token("med"))
            self._tell(message.status, message.start.split(" ", 2)[2], tag)
            self.relay.close()

    def _cancel(self, branch: Branch) -> None:
        cancel = branch.dialog.request("CANCEL", cseq=branch.dialog.cseq, branch=branch.via_branch)
        self.server.endpoint.send(cancel, branch.dialog.hop)

    # requests

    def on_request(self, message: Message, hop: Hop) -> None:
        """A request of either side after the INVITE that began the call."""
        if message.method == "ACK":
            self.server.endpoint.settle(("2xx", message.call_id, message.cseq))
        elif message.method == "CANCEL":
            self._on_cancel(message, hop)
        elif message.method == "PRACK":
            self.server.endpoint.settle(("reliable", message.tag("to")))
            self._ok(message, hop)
        elif message.method == "BYE":
            self._on_bye(message, hop)
        elif message.method == "INVITE" and self.answered:
            self._on_reinvite(message, hop)
        else:
            self._ok(message, hop)

    def _ok(self, message: Message, hop: Hop, tag: str = "") -> None:
        self.server.endpoint.send(response(message, 200, "OK", tag, *self._agent("Server")), hop)

    def _on_cancel(self, message: Message, hop: Hop) -> None:
        tag = next((fork.tag for fork in self.forks.values()), new_token("med"))
        self._ok(message, hop, tag)
        if self.answered or self.over:
            return
        self.over = True
        self._tell(487, "Request Terminated", tag)
        self._forget_reliable()
        for branch in self.branches:
            if not branch.final:
                self._cancel(branch)
        self.relay.close()

    def _forget_reliable(self) -> None:
        """After the final response no provisional one is sent again (RFC 3262 section 3)."""
        for fork in self.forks.values():
            self.server.endpoint.settle(("reliable", fork.tag))

    def _on_bye(self, message: Message, hop: Hop) -> None:
        self._ok(message, hop)
        self.server.endpoint.settle(("2xx", self.invite.call_id, self.invite.cseq))
        if self.over or self.answered is None:
            return
        self.over = True
        other = self.answered.dialog if message.call_id == self.invite.call_id else self.inviter
        self.server.endpoint.send(other.request("BYE"), other.hop)
        self.relay.close()

    def _on_reinvite(self, message: Message, hop: Hop) -> None:
        """Passed on to the other side; its answer is passed back."""
        assert self.answered is not None
        other = self.answered.dialog if message.call_id == self.invite.call_id else self.inviter
        audio = audio_of(message.body)
        assert audio is not None
        side = self.inviter if other is not self.inviter else self.answered.dialog
        self._reinvite(other, audio, partial(self._pass_back, message, Dialog(**{**vars(side), "hop": hop})))

    def _reinvite(self, dialog: Dialog, audio: Audio, then: Callable[[Message], None]) -> None:
        again = dialog.request("INVITE", self._contact(dialog.side, dialog.hop), body=self._sdp(dialog.side, audio, 2))
        self.waiting[again.call_id, again.cseq] = then
        self.server.endpoint.send(again, dialog.hop)

    def _pull_back(self) -> None:
        """Both sides are told the server's own address."""
        if self.over or self.answered is None or self.answered.audio is None or self.offer is None:
            return
        self.direct = False
        self._reinvite(self.answered.dialog, self.offer, lambda _: None)
        self._reinvite(self.inviter, self.answered.audio, lambda _: None)

    def _on_reinvite_answered(self, message: Message, then: Callable[[Message], None]) -> None:
        assert self.answered is not None
        asked = self.answered.dialog if message.call_id == self.answered.dialog.call_id else self.inviter
        # RFC 3261 17.1.1.3: the ACK of a failure is part of its transaction, and bears the INVITE's branch
        failed = message.branch if message.status >= 300 else ""
        self.server.endpoint.send(asked.request("ACK", cseq=message.cseq, branch=failed), asked.hop)
        then(message)

    def _on_own_address_taken(self, fork: Fork, message: Message) -> None:
        fork.audio = audio_of(message.body) or fork.audio
        self._pass_on_answer(fork)

    def _pass_back(self, request: Message, side: Dialog, message: Message) -> None:
        """The other side's answer to a re-INVITE, to the side that sent it."""
        audio = audio_of(message.body)
        body = self._sdp(side.side, audio, 2) if audio and message.status < 300 else b""
        headers = [*self._agent("Server"), self._contact(side.side, side.hop)]
        answer = response(request, message.status, message.start.split(" ", 2)[2], "", *headers, body=body)
        until = ("2xx", request.call_id, request.cseq) if message.status < 300 else None
        self.server.endpoint.send(answer, side.hop, until=until)
