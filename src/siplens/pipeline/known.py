"""Facts that ship with siplens as data files: what vendors say of forking, where Microsoft's relays are. Users add their own by import."""

from __future__ import annotations

import csv
from ipaddress import ip_network
from pathlib import Path

from siplens.resources import PACKAGE
from siplens.store import Store
from siplens.store.writer import numeric_form

_FOLDER = PACKAGE / "sql" / "bypass" / "known"


def known_files() -> list[Path]:
    """The data files."""
    return sorted(_FOLDER.glob("*.csv"))


def load_known(store: Store) -> None:
    """Fills known_vendor and known_relay from their files."""
    store.con.execute((_FOLDER / "tables.sql").read_text(encoding="utf-8"))
    vendors = [
        (row["vendor"], row["match"], int(row["max_early_dialogs"] or 0) or None, row["behaviour"], row["document"])
        for row in _rows("vendor")
    ]
    relays = [(*_range(row["first_address"], row["mask_bits"]), row["role"], row["document"]) for row in _rows("relay")]
    for table, rows in (("known_vendor", vendors), ("known_relay", relays)):
        marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in rows)
        store.con.execute(f"INSERT INTO {table} VALUES {marks}", [value for row in rows for value in row])


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _range(first: str, bits: str) -> tuple[str, str, str]:
    """The range as written, and its first and last address as 32 hexadecimal digits."""
    network = ip_network(f"{first}/{bits}")
    ends = [numeric_form(str(address)) for address in (network[0], network[-1])]
    return str(network), *(end[1] for end in ends if end)  # type: ignore[return-value]
