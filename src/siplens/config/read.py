"""One configuration file in any form: the plain file (YAML or JSON), or objects of Get-Cs* cmdlets (CliXML, JSON, CSV, Format-List)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from siplens.config.clixml import read_clixml
from siplens.config.csv_text import looks_like_csv, read_csv
from siplens.config.json_text import read_json
from siplens.config.kind import Kind
from siplens.config.kinds import BY_SIGNS, NETWORK_PARTS, SECTIONS, SUPPLEMENTS
from siplens.config.list_text import looks_like_list_text, read_list_text
from siplens.config.network_kinds import BANDWIDTH_POLICY, BYPASS_SETTINGS, REGION, REGION_ROUTE, SITE, SUBNET
from siplens.config.nodes import Items, Node, Object, Scalar, describe, read_yaml
from siplens.config.objects import Objects
from siplens.config.text import read_text
from siplens.config.trunk_kinds import GATEWAY, MEDIATION_SERVER
from siplens.config.values import UnexpectedValueError, moment
from siplens.errors import ConfigurationError
from siplens.records import Batch

EXPECTED = (
    "expected the plain form (mediation_servers, trunks, network_subnets …), or what Get-Cs… writes through Export-Clixml, "
    "ConvertTo-Json, Export-Csv or Format-List"
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What one file says."""

    format: str
    """yaml, json, clixml, csv or format-list."""
    complete: bool
    """True for the plain form, which is the whole configuration; an export of a cmdlet is a part of one."""
    valid_from: datetime | None
    """In force from this time (naive UTC); None where the file does not say."""
    batches: tuple[Batch, ...]
    """One per kind of object that the file mentions; zero rows where its list is empty."""
    warnings: tuple[str, ...] = field(default=())
    """What was understood but looks wrong, such as a site whose region the file lacks: file, line, and words."""

    @property
    def rows(self) -> dict[str, int]:
        """Rows per table."""
        return {batch.table: batch.rows.num_rows for batch in self.batches}


def read_configuration(path: Path) -> Configuration:
    """Reads one file. Raises UnreadableFileError, or ConfigurationError naming file, line and property."""
    text = read_text(path)
    form = _form(path, text)
    root = _READERS[form](path, text)
    plain = form in ("yaml", "json") and isinstance(root, Object) and _is_plain(root)
    objects = Objects(path, strict=plain)
    valid_from = None
    if isinstance(root, Object) and plain:
        valid_from = _read_plain(objects, root)
    else:
        for item in root.nodes if isinstance(root, Items) else [root]:
            _read_export(objects, item)
    batches = objects.batches()
    if not batches and valid_from is None:
        raise ConfigurationError(f"{path}: holds no configuration", EXPECTED)
    complete = isinstance(root, Object) and plain and not root.entries.keys() <= SUPPLEMENTS
    return Configuration(form, complete, valid_from, batches, (*objects.warnings, *_dangling(objects)))


_READERS: dict[str, Callable[[Path, str], Node]] = {
    "clixml": read_clixml,
    "json": read_json,
    "yaml": read_yaml,
    "csv": read_csv,
    "format-list": read_list_text,
}


def _form(path: Path, text: str) -> str:
    """The form of a text, told by how it begins. The ending of its name counts only between JSON and YAML, which holds JSON."""
    first = text.lstrip()[:1]
    if first == "<":
        return "clixml"
    if first in ("{", "["):
        return "yaml" if path.suffix.lower() in (".yaml", ".yml") else "json"
    if looks_like_list_text(text):
        return "format-list"
    return "csv" if looks_like_csv(text) else "yaml"


def _is_plain(root: Object) -> bool:
    return any(name in SECTIONS or name == "valid_from" for name in root.entries)


def _read_plain(objects: Objects, root: Object) -> datetime | None:
    valid_from = None
    for name, entry in root.entries.items():
        kind = SECTIONS.get(name)
        if name == "valid_from":
            try:
                valid_from = moment(entry.value)
            except UnexpectedValueError as error:
                words = f"valid_from: expected {error.args[0]}, found {describe(entry.value)}"
                raise objects.error(entry.value.line, words) from None
        elif kind is None:
            similar = get_close_matches(name, [*SECTIONS, "valid_from"], n=1, cutoff=0.5)
            hint = f"did you mean {similar[0]}?" if similar else f"known are {', '.join(SECTIONS)} and valid_from"
            raise objects.error(entry.line, f"{entry.name}: unknown part of a configuration", hint)
        elif kind is MEDIATION_SERVER:
            _read_mediation_servers(objects, entry.value)
        else:
            objects.add_all(kind, entry.value, entry.name)
    return valid_from


def _read_mediation_servers(objects: Objects, node: Node) -> None:
    """Addresses, or objects with address and pool."""
    for item in node.nodes if isinstance(node, Items) else [node]:
        if isinstance(item, Scalar):
            try:
                address = MEDIATION_SERVER.readers["address"](item)
            except UnexpectedValueError as error:
                words = f"mediation_servers: expected {error.args[0]}, found {describe(item)}"
                raise objects.error(item.line, words, "write a name as {address: 10.1.0.10, pool: name}") from None
            if address is not None:
                objects.add_row(MEDIATION_SERVER, {"address": address}, item.line)
        elif isinstance(item, Object):
            objects.add(MEDIATION_SERVER, item)
        else:
            raise objects.error(item.line, f"mediation_servers: expected an address, found {describe(item)}")
    objects.rows(MEDIATION_SERVER)


def _read_export(objects: Objects, node: Node) -> None:
    """One thing that a cmdlet wrote: an object of a known kind, or a list or bundle of such."""
    if isinstance(node, Items):
        for item in node.nodes:
            _read_export(objects, item)
        return
    if isinstance(node, Scalar):
        raise objects.error(node.line, f"not a configuration: found {describe(node)}", EXPECTED)
    kind = _recognise(node)
    if kind is not REGION_ROUTE and any(name in NETWORK_PARTS for name in node.entries):
        _read_network(objects, node)
    elif kind is MEDIATION_SERVER:
        _read_mediation_service(objects, node)
    elif kind is not None:
        objects.add(kind, node)
    elif not _is_unused(node):
        _read_bundle(objects, node)


def _recognise(source: Object) -> Kind | None:
    identity = source.value("Identity")
    name = (identity.text or "").lower() if isinstance(identity, Scalar) else ""
    name = name.removeprefix("service:")
    if "enablebypass" not in source.entries:
        if name.startswith(("pstngateway:", "trunk:")):
            return GATEWAY
        if name.startswith("mediationserver:"):
            return MEDIATION_SERVER
    return next((kind for kind in BY_SIGNS if kind.is_shown_by(source.entries.keys())), None)


def _is_unused(source: Object) -> bool:
    """Objects of cmdlets that are known and tell nothing about bypass: other services of a pool."""
    return {"poolfqdn", "siteid"} <= source.entries.keys()


def _read_network(objects: Objects, source: Object) -> None:
    """Get-CsNetworkConfiguration: everything in one object; its switch for admission control joins the settings."""
    for name, kind in NETWORK_PARTS.items():
        entry = source.entries.get(name)
        if entry is not None:
            objects.add_all(kind, entry.value, entry.name)
    check = source.entries.get("enablebandwidthpolicycheck")
    settings = objects.rows(BYPASS_SETTINGS)
    if check is not None and settings:
        column = "EnableBandwidthPolicyCheck"
        settings[-1].setdefault(column, objects.value(BYPASS_SETTINGS, check, column))


def _read_mediation_service(objects: Objects, source: Object) -> None:
    """Get-CsService -MediationServer names pools; only a pool that is named by its address tells one."""
    pool = source.value("PoolFqdn") or source.value("Identity") or Scalar(None, source.line)
    name = MEDIATION_SERVER.readers["pool"](pool)
    try:
        address = MEDIATION_SERVER.readers["address"](Scalar(str(name), source.line))
    except UnexpectedValueError:
        address = None
    objects.add_row(MEDIATION_SERVER, {"address": address, "pool": name}, source.line)


def _read_bundle(objects: Objects, source: Object) -> None:
    """A hash table of exports, or the {value, Count} that Windows PowerShell makes of a list."""
    parts = [entry.value for entry in source.entries.values() if isinstance(entry.value, Items | Object)]
    if not parts:
        names = ", ".join(entry.name for entry in source.entries.values())
        similar = [close for name in source.entries for close in get_close_matches(name, SECTIONS, n=1, cutoff=0.8)]
        raise objects.error(
            source.line,
            f"cannot tell what object this is, with the properties {names[:200] or '(none)'}",
            f"did you mean {similar[0]}?" if similar else EXPECTED,
        )
    for part in parts:
        _read_export(objects, part)


def _dangling(objects: Objects) -> Iterable[str]:
    """Names that point nowhere, said once each; only where the file has objects of that kind, for it may be a part."""
    for kind, column, target in (
        (SITE, "NetworkRegionID", REGION),
        (SUBNET, "NetworkSiteID", SITE),
        (SITE, "BWPolicyProfileID", BANDWIDTH_POLICY),
    ):
        known = {str(row[target.identity[0]]).lower() for row in objects.known_rows(target)}
        missing = [row for row in objects.known_rows(kind) if known and row.get(column) and str(row[column]).lower() not in known]
        counts = Counter(str(row[column]) for row in missing)
        first = {str(row[column]): row["line"] for row in reversed(missing)}
        for name, count in counts.items():
            more = f" (and {count - 1} more)" if count > 1 else ""
            words = f"{kind.title}{more} names the {target.title} {name}, which is not in the file"
            yield f"{objects.path}:{first[name]}: {words}"
