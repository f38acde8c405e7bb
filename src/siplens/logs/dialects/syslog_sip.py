"""SIP in syslog lines, with escaped line ends. Shapes: grammars/syslog_sip.lark."""

from __future__ import annotations

import re

from siplens.logs.framing import unescaped
from siplens.logs.grammar import line_pattern
from siplens.logs.reader import Options
from siplens.logs.traced import Traced


class Dialect(Traced):
    """One message a line. Addresses are not told; times are where syslog wrote them."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._lead = line_pattern(options.format, "lead_time", "LEAD_TIME")

    def time(self, head: re.Match[str]) -> int | None:
        """When the daemon received the line; None in lines without."""
        found = self._lead.search(head["lead"]) if self._lead else None
        return self.clock.micros(found["date"], found["time"], found["zone"] or "") if found else None

    def content(self, text: str) -> str:
        """Line ends as they were. Some daemons drop #012 and leave #015 and a space."""
        line = text.split("\n", 1)[0].rstrip("\r")
        line = re.sub(r"#015(?:#012| )?|#012", "\n", line)
        return "\n".join(part.lstrip(" ") if ":" in part.split(" ")[0] else part for part in unescaped(line).split("\n"))
