"""Objects as Windows PowerShell writes them: Export-Clixml, ConvertTo-Json, Export-Csv, Format-List."""

from __future__ import annotations

import json
import textwrap
from itertools import count
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Thing = dict[str, Any]
ENUMERATIONS = {"SRTPMode", "EncryptionLevel", "BypassMode"}


def clixml(things: list[Thing]) -> str:
    """CliXML: types by reference after their first use, lists as LST, enumeration members with ToString, the same list twice as Ref."""
    numbers = count()
    types: dict[str, int] = {}

    def named(name: str | None) -> str:
        return f" N={quoteattr(name)}" if name else ""

    def type_of(name: str) -> str:
        if name in types:
            return f'<TNRef RefId="{types[name]}" />'
        types[name] = len(types)
        return f'<TN RefId="{types[name]}"><T>{name}</T><T>System.Object</T></TN>'

    def written(value: Any, name: str | None) -> str:
        if value is None:
            return f"<Nil{named(name)} />"
        if isinstance(value, bool):
            return f"<B{named(name)}>{str(value).lower()}</B>"
        if isinstance(value, int):
            return f"<U32{named(name)}>{value}</U32>"
        if isinstance(value, list):
            inner = "\n".join(written(item, None) for item in value)
            return f'<Obj{named(name)} RefId="{next(numbers)}">{type_of("System.Collections.Generic.List")}<LST>{inner}</LST></Obj>'
        if isinstance(value, dict):
            inner = "\n".join(written(item, key) for key, item in value.items())
            kind = type_of("Deserialized.Microsoft.Rtc.Management.Thing")
            return f'<Obj{named(name)} RefId="{next(numbers)}">{kind}<ToString>Thing</ToString><Props>\n{inner}\n</Props></Obj>'
        if name in ENUMERATIONS:
            kind = type_of("System.Enum")
            return f'<Obj{named(name)} RefId="{next(numbers)}">{kind}<ToString>{value}</ToString><I32>1</I32></Obj>'
        return f"<S{named(name)}>{escape(str(value)).replace(chr(10), '_x000A_')}</S>"

    body = "\n".join(written(thing, None) for thing in things)
    return f'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">\n{body}\n</Objs>'


def hashtable_clixml(parts: dict[str, Any]) -> str:
    """A hash table of exports, which is what README's script writes."""
    inner = clixml([{"value": part} for part in parts.values()])
    objects = inner[inner.index(">") + 1 : inner.rindex("</Objs>")]
    values = [piece for piece in objects.split('<Obj RefId="') if piece.strip()]
    assert values
    entries = []
    for name, part in parts.items():
        text = clixml([{"value": part}])
        value = text[text.index("<Props>") + 7 : text.rindex("</Props>")].replace('N="value"', 'N="Value"', 1)
        entries.append(f'<En><S N="Key">{name}</S>{value}</En>')
    return (
        '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="9000">'
        '<TN RefId="9000"><T>System.Collections.Hashtable</T></TN><DCT>' + "\n".join(entries) + "</DCT></Obj></Objs>"
    )


def wrapped_json(things: list[Thing]) -> str:
    """ConvertTo-Json of a list that PowerShell had wrapped: {"value": [...], "Count": n}, nested lists too."""

    def wrap(value: Any) -> Any:
        if isinstance(value, list):
            return {"value": [wrap(item) for item in value], "Count": len(value)}
        return {key: wrap(item) for key, item in value.items()} if isinstance(value, dict) else value

    return json.dumps(wrap(things), indent=4)


def export_csv(things: list[Thing], delimiter: str = ",", *, with_type: bool = True) -> str:
    """Export-Csv: every value in quotes; a list is the name of its type."""

    def cell(value: Any) -> str:
        if isinstance(value, list | dict):
            return '"System.Collections.Generic.List`1[Microsoft.Rtc.Thing]"'
        return '"{}"'.format("" if value is None else str(value).replace('"', '""'))

    names = list(things[0])
    lines = [delimiter.join(f'"{name}"' for name in names)]
    lines += [delimiter.join(cell(thing.get(name)) for name in names) for thing in things]
    return ("#TYPE Microsoft.Rtc.Management.Thing\r\n" if with_type else "") + "\r\n".join(lines) + "\r\n"


def format_list(things: list[Thing], width: int = 80) -> str:
    """Format-List: names padded to the longest, values wrapped at `width` under each other, objects of lists as Name=value;Name=value."""

    def shown(value: Any) -> str:
        if isinstance(value, list):
            return "{" + ", ".join(shown(item) for item in value) + "}"
        if isinstance(value, dict):
            return ";".join(f"{name}={'' if item is None else item}" for name, item in value.items())
        return "" if value is None else str(value)

    blocks = []
    for thing in things:
        pad = max(map(len, thing))
        lines = []
        for name, value in thing.items():
            parts = textwrap.wrap(shown(value), width - pad - 3, drop_whitespace=False) or [""]
            lines.append(f"{name.ljust(pad)} : {parts[0]}")
            lines += [" " * (pad + 3) + part for part in parts[1:]]
        blocks.append("\n".join(lines))
    return "\n\n" + "\n\n".join(blocks) + "\n\n\n"
