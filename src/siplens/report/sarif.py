"""Findings as SARIF 2.1.0 (OASIS): one run, rules with their documentation, places in captures and logs, waivers as suppressions.

A frame of a capture is no line of a text: it is given as a logical location and as a property, and only lines make regions.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from siplens.report.judgements import Judgements, about
from siplens.report.rules import rule_markdown_sections
from siplens.report.text import visible
from siplens.report.values import plain
from siplens.rules import Rule, documentation
from siplens.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
KINDS = {"capture": "application/vnd.tcpdump.pcap", "log": "text/plain"}
Object = dict[str, Any]


def sarif(judged: Judgements) -> str:
    """The SARIF log as text."""
    ids = list(dict.fromkeys([*(count["rule_id"] for count in judged.counts), *(row["rule_id"] for row in judged.findings)]))
    places = _Artifacts(judged)
    results = [_result(judged, finding, ids.index(finding["rule_id"]), places) for finding in judged.findings]
    run = {
        "tool": {
            "driver": {
                "name": "siplens",
                "version": __version__,
                "rules": [_descriptor(rule_id, judged.rules.get(rule_id)) for rule_id in ids],
            }
        },
        "automationDetails": {"id": visible(judged.title)},
        "invocations": [{"executionSuccessful": True, "endTimeUtc": f"{judged.made_at:%Y-%m-%dT%H:%M:%S}Z"}],
        "columnKind": "unicodeCodePoints",
        "artifacts": places.listed,
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


class _Artifacts:
    """The files that were judged, each with its hash; and where a piece of evidence lies in them."""

    def __init__(self, judged: Judgements) -> None:
        self.listed: list[Object] = []
        self._index: dict[tuple[str, str], int] = {}
        for source in judged.sources:
            self._index[source["file"], source["sha256"]] = len(self.listed)
            kind = {"mimeType": KINDS[source["kind"]]} if source["kind"] in KINDS else {}
            self.listed.append(
                {"location": {"uri": _uri(source["file"])}, "length": source["size_bytes"], "hashes": {"sha-256": source["sha256"]}, **kind}
            )

    def location(self, piece: Object) -> Object:
        """Where a piece of evidence is."""
        name = piece["file"] or "unknown"
        artifact: Object = {"uri": _uri(name)}
        if (index := self._index.get((piece["file"], piece["sha256"]))) is not None:
            artifact["index"] = index
        place: Object = {"physicalLocation": {"artifactLocation": artifact}}
        if piece["line"] is not None:
            place["physicalLocation"]["region"] = {"startLine": piece["line"]}
        if piece["frame"] is not None:
            frame = f"frame {piece['frame']}"
            place["logicalLocations"] = [{"name": frame, "fullyQualifiedName": visible(f"{name} {frame}"), "kind": "frame"}]
            place["properties"] = {"frame": piece["frame"]}
        if piece["note"]:
            place["message"] = {"text": _message(piece["note"])}
        return place


def _result(judged: Judgements, finding: Object, index: int, places: _Artifacts) -> Object:
    found = [places.location(piece) for piece in finding["evidence"]]
    failed = finding["status"] == "fail"
    result: Object = {
        "ruleId": finding["rule_id"],
        "ruleIndex": index,
        "kind": "fail" if failed else "open",
        "level": LEVELS[finding["severity"]] if failed else "none",
        "message": {"text": _message(f"{about(finding)}: {finding['reason']}")},
        "locations": found[:1],
        "partialFingerprints": {"siplens/v1": finding["fingerprint"]},
        "properties": {name: plain(finding[name]) for name in ("severity", "subject", "subject_id", "call_no", "peer", "first_seen")},
    }
    if len(found) > 1:
        result["relatedLocations"] = [place | {"id": number} for number, place in enumerate(found[1:], 1)]
    if judged.is_waived(finding):
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": visible(finding["waive_reason"] or "")}]
    return result


def _descriptor(rule_id: str, rule: Rule | None) -> Object:
    if rule is None:
        return {"id": rule_id}
    told = [f"{section.heading}: {' '.join(section.lines)}" for section in documentation(rule)]
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.path.stem.split("_")[1:]) or rule.id,
        "shortDescription": {"text": _message(rule.title)},
        "fullDescription": {"text": _message(rule.meaning)},
        "help": {"text": _message("\n".join(told)), "markdown": rule_markdown_sections(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity.value]},
        "properties": {"tags": [rule.family], "severity": rule.severity.value, "status": rule.status.value, "subject": rule.subject},
    }


def _uri(name: str) -> str:
    """A file's name as a relative URI reference."""
    return quote(name.encode("utf-8", "surrogateescape"), safe="")


def _message(text: str) -> str:
    """Plain text for a SARIF message: no placeholder, no link (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    return visible(text, keep="\n").replace("{", "{{").replace("}", "}}").replace("[", "\\[").replace("]", "\\]")
