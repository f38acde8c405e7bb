"""SIP text is hostile: what is done to it before a person, a spreadsheet or a Markdown reader sees it.

HTML is not here: the templates escape it themselves (Jinja2 autoescape), after `visible`.
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that steer a terminal, reorder text or show nothing: controls, bidirectional marks, surrogates, unassigned."""
_PLAIN = re.compile(r"[ -~]*")
_FORMULA = re.compile(r"^\s*[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?$")
_MARKDOWN = re.compile(r"([\\`*_\[\]|#~])")


def visible(text: str, keep: str = "") -> str:
    r"""The text with every character that is not plainly visible written as \xNN or \uNNNN; those in `keep` stay."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        character if character in keep or unicodedata.category(character) not in _HIDDEN else _spelt(character) for character in text
    )


def _spelt(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def csv_cell(text: str) -> str:
    """The text as a spreadsheet may open it: one that would be a formula gets an apostrophe before it.

    A text that is only a number, such as +4930123456, is no formula and stays as it is: scripts compare it.
    """
    shown = visible(text, keep="\n\t")
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.match(shown) else shown


def markdown_cell(text: str) -> str:
    """The text in one line of Markdown with its markup and HTML taken out of force."""
    return _MARKDOWN.sub(r"\\\1", visible(text)).replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, width: int) -> str:
    """The text in at most `width` characters; an ellipsis tells that more was there."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
