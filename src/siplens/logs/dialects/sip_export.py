"""Text exports of sngrep, ngrep and Kamailio's sipdump: both ends in the head. Shapes: grammars/sip_export.lark."""

from __future__ import annotations

import re

from siplens.logs.traced import Place, Traced, place

_FACT = re.compile(r"^(\w+):[ \t]*([^\r\n]*)", re.MULTILINE)


class Dialect(Traced):
    """sipdump writes its facts line by line; ngrep ends each line with a dot where a carriage return stood."""

    def time(self, head: re.Match[str]) -> int | None:
        """sipdump: seconds since 1970 with microseconds."""
        if head["facts"]:
            seconds, _, fraction = self._facts(head).get("time", "").partition(".")
            return int(seconds) * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6]) if seconds.isdigit() else None
        return super().time(head)

    def hop(self, head: re.Match[str], message: str) -> tuple[Place, Place]:
        """Who sent, who received."""
        if head["facts"]:
            facts = self._facts(head)
            return place(facts.get("srcip"), facts.get("srcport", "")), place(facts.get("dstip"), facts.get("dstport", ""))
        return super().hop(head, message)

    def content(self, text: str) -> str:
        """The message without ngrep's dots."""
        if re.search(r"^[^\n]* SIP/2\.0\.\r?\n|^SIP/2\.0 [^\n]*\.\r?\n", text) and "\n.\n" in text.replace("\r", ""):
            return re.sub(r"\.(\r?\n)", r"\1", text)
        return text

    @staticmethod
    def _facts(head: re.Match[str]) -> dict[str, str]:
        return {name.lower(): value.strip() for name, value in _FACT.findall(head["facts"])}
