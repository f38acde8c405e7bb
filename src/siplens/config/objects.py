"""Objects of a configuration file into rows: names checked, values read, duplicates refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from siplens.config.kind import Kind
from siplens.config.kinds import KINDS
from siplens.config.network_kinds import BANDWIDTH_POLICY
from siplens.config.nodes import Entry, Items, Node, Object, Scalar, describe
from siplens.config.trunk_kinds import GATEWAY
from siplens.config.values import CUT_LIST, OneOf, UnexpectedValueError, Value, number, parse_address
from siplens.errors import ConfigurationError
from siplens.records import Batch

Row = dict[str, Value]

_CUT = "the export was cut: write it with Export-Clixml -Depth 8, or ConvertTo-Json -Depth 10"


@dataclass(slots=True)
class Objects:
    """The rows of one file, by kind, as they are read."""

    path: Path
    strict: bool
    """True in the plain file, written by hand: an unknown property is an error. In an export it may be new in a newer
    product, so there it is a warning, and only where it looks like a misspelling."""
    warnings: list[str] = field(default_factory=list)
    _rows: dict[str, list[Row]] = field(default_factory=dict)
    _first: dict[tuple[str, tuple[object, ...]], Row] = field(default_factory=dict)

    def error(self, line: int, words: str, hint: str | None = None) -> ConfigurationError:
        """The error to raise for what stands in `line`."""
        return ConfigurationError(f"{self.path}:{line}: {words}", hint)

    def rows(self, kind: Kind) -> list[Row]:
        """The rows of `kind` so far. From the first call on, the file counts as one that mentions the kind."""
        return self._rows.setdefault(kind.table.name, [])

    def known_rows(self, kind: Kind) -> list[Row]:
        """The rows of `kind`, without counting it as mentioned."""
        return self._rows.get(kind.table.name, [])

    def batches(self) -> tuple[Batch, ...]:
        """One batch per kind that the file mentions, an empty list included."""
        return tuple(
            Batch(kind.table.name, pa.RecordBatch.from_pylist(self._rows[kind.table.name], schema=kind.table.schema))
            for kind in KINDS
            if kind.table.name in self._rows
        )

    def add_all(self, kind: Kind, node: Node, property_name: str) -> None:
        """Adds each object of a list; one object without a list will do, as PowerShell writes lists of one."""
        self.rows(kind)
        if isinstance(node, Scalar) and node.text is None:
            return
        if isinstance(node, Items) and node.is_cut:
            raise self.error(node.line, f"{property_name}: the list goes on after item {len(node.nodes)}, but the file does not", CUT_LIST)
        for item in node.nodes if isinstance(node, Items) else [node]:
            if not isinstance(item, Object):
                words = f"{property_name}: expected a {kind.title} object, found {describe(item)}"
                raise self.error(item.line, words, None if self.strict else _CUT)
            self.add(kind, item)

    def add(self, kind: Kind, source: Object) -> None:
        """Adds one object: as one row, or as one per modality where it is a bandwidth policy that tells them."""
        row = self._row(kind, source)
        parts = list(self._modalities(source)) if kind is BANDWIDTH_POLICY else []
        for part in parts or [{}]:
            self.add_row(kind, {**row, **part}, source.line)

    def add_row(self, kind: Kind, row: Row, line: int) -> None:
        """Adds a row that was read from `line`, with the columns that siplens computes."""
        if "first_num" in kind.table.schema.names:
            row = self._range(kind, row, line)
        elif kind is GATEWAY:
            row = _with_own_addresses(row)
        named = [row.get(column) for column in kind.identity]
        identity = (kind.section, tuple(value.lower() if isinstance(value, str) else value for value in named))
        first = self._first.get(identity)
        if first is None:
            self._first[identity] = {**row, "line": line}
            self.rows(kind).append(self._first[identity])
        elif not self.strict and self._same(first, row):
            # Two cmdlets tell of one object, Get-CsTrunk and Get-CsService -PstnGateway for one: together they tell most.
            first.update({column: value for column, value in row.items() if first.get(column) is None})
        else:
            name = "/".join(str(value) for column in kind.identity if (value := row.get(column)) is not None)
            raise self.error(line, f"{f'{kind.title} {name}'.strip()}: given twice (first in line {first['line']})")

    def _same(self, first: Row, second: Row) -> bool:
        """Whether two rows of one name agree in all that both tell."""
        return all(first.get(column) in (None, value) for column, value in second.items() if value is not None)

    def _row(self, kind: Kind, source: Object) -> Row:
        names = kind.names
        row: Row = {}
        for name, entry in source.entries.items():
            column = names.get(name)
            if column is None:
                self._unknown(kind, entry, names)
            elif row.get(column) is None:
                row[column] = self.value(kind, entry, column)
        for column in kind.required:
            if row.get(column) is None:
                raise self.error(source.line, f"{kind.title} without {column}", f"give {column}")
        return row

    def value(self, kind: Kind, entry: Entry, column: str) -> Value:
        """The value of a property. Raises ConfigurationError naming file, line, property and what was expected."""
        reader = kind.readers[column]
        if not self.strict and isinstance(reader, OneOf) and (word := reader.numbered(entry.value)):
            where = f"{self.path}:{entry.value.line}: {entry.name} of a {kind.title}"
            self.warnings.append(f"{where}: read the number {describe(entry.value)} as {word}: unconfirmed; Export-Clixml writes the word")
            return word
        try:
            return reader(entry.value)
        except UnexpectedValueError as error:
            words = f"{entry.name} of a {kind.title}: expected {error.args[0]}, found {describe(entry.value)}"
            raise self.error(entry.value.line, words, error.hint) from None

    def _unknown(self, kind: Kind, entry: Entry, names: Mapping[str, str]) -> None:
        if entry.name.lower() in kind.ignored:
            return
        similar = get_close_matches(entry.name.lower(), names, n=1, cutoff=0.6 if self.strict else 0.85)
        meant = f"did you mean {names[similar[0]]}?" if similar else None
        words = f"{entry.name}: unknown property of a {kind.title}"
        if self.strict:
            raise self.error(entry.line, words, meant or f"known are {', '.join(kind.readers)}")
        if meant:
            self.warnings.append(f"{self.path}:{entry.line}: {words}, {meant}")

    def _modalities(self, source: Object) -> Iterable[Row]:
        """Limits per modality: BWPolicy as Get-CsNetworkBandwidthPolicyProfile returns it, or the parameters' names."""
        nested = source.value("BWPolicy")
        if isinstance(nested, Items) and nested.is_cut:
            raise self.error(nested.line, f"BWPolicy: the list goes on after item {len(nested.nodes)}, but the file does not", CUT_LIST)
        if isinstance(nested, Scalar):
            raise self.error(nested.line, f"BWPolicy: expected a list of objects, found {describe(nested)}", _CUT)
        for item in nested.nodes if isinstance(nested, Items) else [nested] if nested else []:
            if not isinstance(item, Object):
                raise self.error(item.line, f"BWPolicy: expected an object, found {describe(item)}", _CUT)
            yield self._limits(item)
        for modality in ("Audio", "Video"):
            names = {"BWLimit": f"{modality}BWLimit", "BWSessionLimit": f"{modality}BWSessionLimit"}
            entries = {column: entry for column, name in names.items() if (entry := source.entries.get(name.lower()))}
            if entries:
                limits: Row = {column: self.value(BANDWIDTH_POLICY, entry, column) for column, entry in entries.items()}
                yield {"BWPolicyModality": modality, **limits}

    def _limits(self, source: Object) -> Row:
        columns = ("BWPolicyModality", "BWLimit", "BWSessionLimit")
        entries = {column: entry for column in columns if (entry := source.entries.get(column.lower()))}
        return {column: self.value(BANDWIDTH_POLICY, entry, column) for column, entry in entries.items()}

    def _range(self, kind: Kind, row: Row, line: int) -> Row:
        column = "SubnetID" if "SubnetID" in row else "IPAddress"
        first = parse_address(str(row[column]))
        bits = row["MaskBits"]
        if first is None or not isinstance(bits, int):
            raise AssertionError("a row of a range is added after its values were read")
        most = 32 if first.version == 4 else 128
        if bits > most:
            raise self.error(line, f"MaskBits of a {kind.title}: expected 1 to {most} for {first}, found {bits}")
        hosts = (1 << (most - bits)) - 1
        begins, ends = number(first) & ~hosts, number(first) | hosts
        written = str(type(first)(int(first) & ~hosts))
        return {**row, column: written, "first_num": f"{begins:032x}", "last_num": f"{ends:032x}"}


def _with_own_addresses(row: Row) -> Row:
    """A gateway that is named by its address needs no list of addresses."""
    if row.get("addresses"):
        return row
    own = [str(parsed) for name in ("Identity", "PoolFqdn") if (parsed := parse_address(str(row.get(name) or "")))]
    return {**row, "addresses": list(dict.fromkeys(own)) or None}
