"""SIP by its grammar: the fields of one message from the tree of grammars/sip.lark. Slow and strict; the oracle for `scan_message`.

What the grammar refuses, the scan must mark with a problem; what it takes, both must read alike.
"""

from __future__ import annotations

import re
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from siplens.resources import grammar_text
from siplens.sip.names import TEXT_COLUMNS

_FOLD = re.compile(r"[ \t]*\r?\n[ \t]+")
_STARTS = ["message", "address_value", "contact_value", "via_value", "cseq_value"]
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type"}
_ONCE = ("from", "to", "call-id", "cseq", "content-length", "content-type", "max-forwards")
_MANDATORY = ("via", "from", "to", "call-id", "cseq")


class NotSipError(ValueError):
    """The message, or a value in it, is not as the grammar says."""


@cache
def _parser() -> Lark:
    return Lark(grammar_text("sip"), parser="lalr", start=_STARTS, maybe_placeholders=True)


def _tree(text: str, start: str) -> Tree[Token]:
    try:
        return _parser().parse(text, start=start)
    except UnexpectedInput as error:
        raise NotSipError(f"{start}: {error}") from error


def read_message(text: str) -> dict[str, object]:
    """Columns of `message` that come from the text. Raises NotSipError where RFC 3261 is broken."""
    tree = _tree(text, "message")
    first = tree.children[0]
    assert isinstance(first, Tree)
    fields = _start_line(first)
    pairs = [_pair(child) for child in tree.children if isinstance(child, Tree) and child.data == "header"]
    fields["headers"] = [{"name": name, "value": value} for name, value in pairs]
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(_COMPACT.get(name.lower(), name.lower()), []).append(value)
    if missing := [name for name in _MANDATORY if not any(named.get(name, ()))]:
        raise NotSipError(f"without {missing}")
    if repeated := [name for name in _ONCE if len(named.get(name, ())) > 1]:
        raise NotSipError(f"repeated {repeated}")
    fields |= _looked_into(named, fields)
    fields |= _as_written(pairs)
    body = next((str(child) for child in tree.children if isinstance(child, Token) and child.type == "BODY"), None)
    _check_body(named, body or "", lost_returns=not re.search(r"[^\r\n]\r\n", _FOLD.sub(" ", text[: len(text) - len(body or "")])))
    return fields | {"body": body, "body_bytes": len((body or "").encode())}


def _start_line(line: Tree[Token]) -> dict[str, object]:
    parts = {token.type: str(token) for token in line.children if isinstance(token, Token)}
    whole = "".join(str(token) for token in line.children[:-1] if isinstance(token, Token))
    uri = parts.get("REQUEST_URI")
    if uri and "?" in uri[uri.find("@") :] and ("@" in uri or "?" in uri):
        raise NotSipError("headers in the Request-URI")
    status = int(parts["STATUS"]) if "STATUS" in parts else None
    return {
        "start_line": whole,
        "method": parts.get("METHOD"),
        "status": status,
        "reason_phrase": None if status is None else parts.get("REASON", ""),
        "request_uri": uri,
    }


def _pair(header: Tree[Token]) -> tuple[str, str]:
    parts = {token.type: str(token) for token in header.children if isinstance(token, Token)}
    return parts["NAME"], _FOLD.sub(" ", parts.get("VALUE", "")).lstrip(" \t").rstrip(" \t\r")


def _looked_into(named: dict[str, list[str]], fields: dict[str, object]) -> dict[str, object]:
    number, method = _cseq(named["cseq"][0])
    if fields["status"] is None and fields["method"] != method:
        raise NotSipError("another method in CSeq")
    contact = next((value for value in named.get("contact", ()) if value), None)
    sender, receiver = _address(named["from"][0], "address_value"), _address(named["to"][0], "address_value")
    rseq = named.get("rseq", [None])[0]
    for hops in named.get("max-forwards", ()):
        if not hops.isdigit() or int(hops) > 255:
            raise NotSipError("Max-Forwards")
    if any(not date.lower().endswith("gmt") for date in named.get("date", ())):
        raise NotSipError("Date")
    return {
        "method": method,
        "cseq": number,
        "call_id": named["call-id"][0],
        "rseq": int(rseq) if rseq and rseq.isdigit() else None,
        "content_type": named.get("content-type", [None])[0],
        "contact_uri": _address(contact, "contact_value")["uri"] if contact else None,
        **{f"from_{key}": sender[key] for key in ("uri", "user", "display", "tag")},
        **{f"to_{key}": receiver[key] for key in ("uri", "user", "tag")},
        **_via(named["via"][0]),
    }


def _as_written(pairs: list[tuple[str, str]]) -> dict[str, object]:
    taken = {name for column in TEXT_COLUMNS for name in column.names}
    found = {}
    for column in TEXT_COLUMNS:
        values = [
            f"{name}: {value}" if column.named else value
            for name, value in pairs
            if name.lower() in column.names or (column.column == "x_ms" and name.lower().startswith("x-ms-") and name.lower() not in taken)
        ]
        found[column.column] = column.join.decode().join(values) if values else None
    for column in TEXT_COLUMNS:
        if column.instead:
            found[column.column] = found[column.column] or found[column.instead]
    return {name: value for name, value in found.items() if not name.startswith("_")}


def _address(text: str, start: str) -> dict[str, str | None]:
    tree = _tree(text, start)
    address = next((child for child in tree.children if isinstance(child, Tree) and child.data == "address"), None)
    if address is None:
        return {"uri": "*", "user": None, "display": None, "tag": None}
    uri = next(str(token) for token in address.children if isinstance(token, Token) and token.type in ("URI", "BARE_URI"))
    display = next((str(child.children[0]) for child in address.children if isinstance(child, Tree)), None)
    if display and display.startswith('"'):
        display = re.sub(r"\\(.)", r"\1", display[1:-1], flags=re.DOTALL)
    return {"uri": uri, "user": _user(uri), "display": display, "tag": _params(tree).get("tag")}


def _params(tree: Tree[Token]) -> dict[str, str]:
    found: dict[str, str] = {}
    for param in tree.find_data("param"):
        tokens = {token.type: str(token) for token in param.children if isinstance(token, Token)}
        value = tokens.get("GEN_VALUE")
        if value is not None:
            found.setdefault(tokens["TOKEN"].lower(), value)
    return found


def _user(uri: str) -> str | None:
    scheme, _, rest = uri.partition(":")
    if "@" not in rest and scheme.lower() != "tel":
        return None
    return re.split("[:;]", rest.partition("@")[0])[0]


def _via(text: str) -> dict[str, object]:
    tree = _tree(text, "via_value")
    tokens = {token.type: str(token) for token in tree.children if isinstance(token, Token)}
    branch = _params(tree).get("branch")
    if branch and branch.lower() == "z9hg4bk":
        raise NotSipError("branch is only the cookie")
    return {"via_sent_by": tokens["SENT_BY"], "transport": tokens["TRANSPORT"].lower(), "branch": branch}


def _cseq(text: str) -> tuple[int, str]:
    number, _, method = _tree(text, "cseq_value").children
    if int(str(number)) >= 1 << 31:
        raise NotSipError("CSeq")
    return int(str(number)), str(method)


def _check_body(named: dict[str, list[str]], body: str, lost_returns: bool) -> None:
    told = named.get("content-length", [None])[0]
    size = len(body.encode())
    if told is not None and (not told.isdigit() or not size <= int(told) <= size + lost_returns * body.count("\n")):
        raise NotSipError("Content-Length")
    if body and told != "0" and "content-type" not in named:
        raise NotSipError("a body without Content-Type")
