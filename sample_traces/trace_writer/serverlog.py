"""Server traces as text, in the shape of CLS and OCSLogger records: SipStack, diagnostics, component lines, S4.

SipStack records with a body, and S4 records, are written as remembered, not as read in a public sample: their shape is
unconfirmed. The clock of the log is its own: `offset_s` is added to every time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from trace_writer.hosts import Host

SYNTHETIC = "This log is synthetic: a siplens sample recipe wrote it. No real server, person or number."


@dataclass
class ServerLog:
    """A trace of one server. Every `at` is in seconds after `start` (UTC), like a Capture's.

    host: the machine that writes the log; messages between other hosts are not in it. place: the bracket's text, such
    as "POOL01\\FE01" (CLS) or "0" (OCSLogger, which has a CPU number there and no correlation id). shape: "sipstack"
    or "s4".
    """

    start: str
    host: Host
    place: str
    shape: str = "sipstack"
    offset_s: float = 0.0
    note: str = SYNTHETIC
    messages: int = 0
    _records: list[tuple[datetime, str]] = field(default_factory=list)

    def sip(self, at: float, src: Host, src_port: int, dst: Host, dst_port: int, transport: str, *messages: bytes) -> None:
        """Log SIP messages that this server sent or received, as SipStack or S4 records."""
        if self.host not in (src, dst):
            return
        outgoing = src == self.host
        for message in messages:
            text = message.decode().replace("\r\n", "\n")
            self.messages += 1
            if self.shape == "s4":
                self._s4(at, outgoing, (src, src_port), (dst, dst_port), text)
            else:
                self._sipstack(at, outgoing, (dst, dst_port) if outgoing else (src, src_port), transport, text)

    def _sipstack(self, at: float, outgoing: bool, peer: tuple[Host, int], transport: str, text: str) -> None:
        headers, _, body = text.partition("\n\n")
        start_line, _, headers = headers.partition("\n")
        where = "SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(196)"
        self._add(
            at, "TL_INFO(TF_PROTOCOL)", where,
            f"{self._correlation()}$$begin_record\n"
            f"Trace-Correlation-Id: {self._id()}\n"
            f"Instance-Id: {self.messages:08X}\n"
            f"Direction: {'outgoing' if outgoing else 'incoming'}\n"
            f"Peer: {peer[0].fqdn or peer[0].ip}:{peer[1]}\n"
            f"Message-Type: {'response' if start_line.startswith('SIP/2.0') else 'request'}\n"
            f"Start-Line: {start_line}\n{headers}\n"
            f"Message-Body: {body.strip() or '-'}\n"
            "$$end_record",
        )  # fmt: skip

    def _s4(self, at: float, outgoing: bool, src: tuple[Host, int], dst: tuple[Host, int], text: str) -> None:
        local, remote = (src, dst) if outgoing else (dst, src)
        arrows, word, arrow = (">>>>>>>>>>>>", "Outgoing", "->") if outgoing else ("<<<<<<<<<<<<", "Incoming", "<-")
        self._add(
            at, "TL_INFO(TF_PROTOCOL)", "S4,SipMessage.DataLoggingHelper:sipmessage.cs(613)",
            f"[{self._id()}]\n"
            f"{arrows}{word} SipMessage c=[<SipTcpConnection_21C5C5A>], "
            f"{local[0].ip}:{local[1]}{arrow}{remote[0].ip}:{remote[1]}\n"
            f"{text.rstrip()}\n\n------------EndOf{word} SipMessage",
        )  # fmt: skip

    def diagnostic(
        self,
        at: float,
        severity: str,
        text: str,
        *,
        start_line: str,
        call_id: str,
        cseq: str,
        peer: str,
        data: str = "",
    ) -> None:
        """A SipStack diagnostic record: `text` should hold "Result-Code: 0x… SYMBOL"."""
        level = {"error": "TL_ERROR", "warning": "TL_WARN"}.get(severity, "TL_INFO")
        self._add(
            at, f"{level}(TF_DIAG)", "SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)",
            f"{self._correlation()}$$begin_record\nSeverity: {severity}\nText: {text}\nSIP-Start-Line: {start_line}\n"
            f"SIP-Call-ID: {call_id}\nSIP-CSeq: {cseq}\n"
            f"Peer: {peer}\n{f'Data: {data}{chr(10)}' if data else ''}$$end_record",
        )  # fmt: skip

    def line(self, at: float, component: str, function: str, text: str, level: str = "TL_INFO") -> None:
        """A line of another component, such as MediationServer. Real wording is unknown: write your own."""
        self._add(at, f"{level}(TF_COMPONENT)", f"{component},{function}", text)

    def write(self, path: Path, newline: str = "\r\n") -> None:
        """Write the records in order of time, after one that says that the log is synthetic."""
        records = sorted(self._records, key=lambda record: record[0])
        first = records[0][0] if records else datetime.fromisoformat(self.start)
        where = "LogNote,SyntheticTrace::Note:recipe.py(1)"
        lines = [self._head(first, 0, "TL_INFO(TF_COMPONENT)", where) + self.note]
        lines += [text.replace("{sequence}", f"{number:08X}") for number, (_, text) in enumerate(records, 1)]
        path.write_bytes("".join(f"{line}\n" for line in lines).replace("\n", newline).encode())

    def _add(self, at: float, level: str, where: str, rest: str) -> None:
        moment = datetime.fromisoformat(self.start) + timedelta(seconds=at + self.offset_s)
        self._records.append((moment, self._head(moment, None, level, where) + rest))

    def _head(self, moment: datetime, sequence: int | None, level: str, where: str) -> str:
        stamp = f"{moment:%m/%d/%Y-%H:%M:%S}.{moment.microsecond // 1000:03d}"
        number = "{sequence}" if sequence is None else f"{sequence:08X}"
        return f"{level} [{self.place}]0F48.1B3C::{stamp}.{number} ({where}{'' if '(' in where else '(1)'})" + (
            "" if self.place.isdigit() else " "
        )

    def _id(self) -> int:
        return 3_584_761_000 + self.messages

    def _correlation(self) -> str:
        return "" if self.place.isdigit() else f"[{self._id()}] "
