"""Reports for programs: JSON by its published schema, CSV with columns that stay, SARIF and JUnit for CI servers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from siplens.cli.app import main

FRAME_OF_CANCEL = {"file": "capture.pcap", "frame": 35, "line": None, "note": "CANCEL from the peer"}


def report_text(database: Path, output: Path, *options: str) -> str:
    assert main(["report", "-o", str(output), *options, "--db", str(database)]) == 0
    return output.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def schema() -> Any:
    from siplens.report.document import schema_text

    return json.loads(schema_text())


@pytest.fixture(scope="module")
def forms(forked_database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same report in each form, by its ending."""
    folder = tmp_path_factory.mktemp("forms")
    return {ending: report_text(forked_database, folder / f"report.{ending}") for ending in ("json", "csv", "sarif", "xml")}


def test_the_schema_itself_is_well_formed_and_printed(schema: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Draft202012Validator.check_schema(schema)
    assert main(["schema", "report"]) == 0
    assert json.loads(capsys.readouterr().out) == schema


def test_json_is_by_the_schema_and_holds_the_proof(forms: dict[str, str], schema: Any) -> None:
    document = json.loads(forms["json"])
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    assert document["summary"][1].startswith("Media bypass was expected for 2 calls")
    [cancelled] = [row for row in document["findings"] if row["rule_id"] == "EDL002" and row["call_no"] == 1]
    [piece] = [piece for piece in cancelled["evidence"] if piece["frame"] == 35]
    assert piece.items() >= FRAME_OF_CANCEL.items()
    assert [source["sha256"] for source in document["sources"] if source["file"] == "capture.pcap"] == [piece["sha256"]]
    assert document["calls_total"] == len(document["calls"]) == 4


def test_the_schema_notices_what_is_missing_or_new(forms: dict[str, str], schema: Any) -> None:
    validator = Draft202012Validator(schema)
    document = json.loads(forms["json"])
    for name in document:
        assert not validator.is_valid({key: value for key, value in document.items() if key != name})
    del document["findings"][0]["evidence"]
    assert not validator.is_valid(document)


def test_csv_has_the_same_findings_under_columns_that_stay(forms: dict[str, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(forms["csv"])))
    assert list(rows[0])[:8] == ["rule_id", "severity", "status", "title", "subject", "subject_id", "call_no", "call_started"]
    told = [(row["rule_id"], row["fingerprint"]) for row in rows]
    assert told == [(row["rule_id"], row["fingerprint"]) for row in json.loads(forms["json"])["findings"]]
    assert "capture.pcap frame 35: CANCEL from the peer" in next(row["evidence"] for row in rows if row["rule_id"] == "EDL002")


LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}


def test_sarif_has_what_the_standard_requires(forms: dict[str, str]) -> None:
    log = json.loads(forms["sarif"])
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "siplens"
    assert all(rule["id"] and rule["shortDescription"]["text"] and rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert run["results"]
    for result in run["results"]:
        assert result["message"]["text"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"], result["level"]) in [("fail", LEVELS[result["properties"]["severity"]]), ("open", "none")]
        assert list(result["partialFingerprints"]) == ["siplens/v1"]
        for place in (*result["locations"], *result.get("relatedLocations", [])):
            artifact = place["physicalLocation"]["artifactLocation"]
            assert run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"]
            assert ("region" in place["physicalLocation"]) != ("logicalLocations" in place)
    assert all(len(artifact["hashes"]["sha-256"]) == 64 for artifact in run["artifacts"])


def test_sarif_names_frames_of_captures_and_lines_of_configurations(forms: dict[str, str]) -> None:
    results = json.loads(forms["sarif"])["runs"][0]["results"]
    cancelled = next(result for result in results if result["ruleId"] == "EDL002")
    places = [*cancelled["locations"], *cancelled["relatedLocations"]]
    assert {"frame": 35} in [place.get("properties") for place in places]
    lines = [place["physicalLocation"]["region"] for result in results for place in result["locations"] if "properties" not in place]
    assert lines
    assert all(set(region) == {"startLine"} and region["startLine"] >= 1 for region in lines)


def test_junit_fails_by_rule_and_peer_from_a_severity_on(forms: dict[str, str], forked_database: Path, tmp_path: Path) -> None:
    root = ET.fromstring(forms["xml"])
    suites = {suite.get("name", "").split(" ")[0]: suite for suite in root.iter("testsuite")}
    failed = suites["EDL002"].find("testcase/failure")
    assert failed is not None
    assert failed.get("type") == "high"
    assert "capture.pcap frame 35: CANCEL from the peer" in (failed.text or "")
    assert int(root.get("failures", "")) == len(root.findall(".//failure")) > 0
    assert int(root.get("tests", "")) == len(root.findall(".//testcase"))
    assert int(root.get("skipped", "")) == len(root.findall(".//skipped")) > 0
    assert all(suite.findall("testcase") for suite in suites.values()), "each rule says how many subjects it judged"
    lenient = ET.fromstring(report_text(forked_database, tmp_path / "r.xml", "--fail-on", "critical"))
    assert lenient.get("failures") == "0"
    assert any("EDL002" in (case.get("classname") or "") and case.find("system-out") is not None for case in lenient.iter("testcase"))


def test_a_waiver_suppresses_in_sarif_and_passes_in_junit(own_copy: Path, tmp_path: Path) -> None:
    assert main(["waive", "EDL002", "--reason", "carrier changes it", "--db", str(own_copy)]) == 0
    results = json.loads(report_text(own_copy, tmp_path / "r.sarif"))["runs"][0]["results"]
    waived = [result["suppressions"] for result in results if result["ruleId"] == "EDL002"]
    assert waived
    assert all(each == [{"kind": "external", "status": "accepted", "justification": "carrier changes it"}] for each in waived)
    assert not [result for result in results if result["ruleId"] != "EDL002" and "suppressions" in result]
    root = ET.fromstring(report_text(own_copy, tmp_path / "r.xml"))
    assert not [case for case in root.iter("testcase") if case.get("classname") == "siplens.EDL002" and case.find("failure") is not None]
    findings = json.loads(report_text(own_copy, tmp_path / "r.json"))["findings"]
    assert {row["rule_id"] for row in findings if row["waived"]} == {"EDL002"}


@pytest.mark.parametrize("form", ["sarif", "junit"])
def test_check_gives_the_same_to_a_ci_server(form: str, own_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "EDL", "--format", form, "--db", str(own_copy)]) == 1
    out = capsys.readouterr().out
    if form == "sarif":
        rules = {result["ruleId"] for result in json.loads(out)["runs"][0]["results"]}
        assert "EDL002" in rules
        assert all(rule.startswith("EDL") for rule in rules)
    else:
        assert ET.fromstring(out).findall(".//failure")


def test_a_report_to_stdout_and_by_format(forked_database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "-o", "-", "--format", "csv", "--db", str(forked_database)]) == 0
    assert capsys.readouterr().out.startswith("rule_id,severity,status,")
    assert main(["report", "-o", str(tmp_path / "report.txt"), "--format", "json", "--db", str(forked_database)]) == 0
    assert json.loads((tmp_path / "report.txt").read_text())["kind"] == "incident"


def test_compliance_has_forms_for_programs_too(forked_database: Path, tmp_path: Path, schema: Any) -> None:
    period = ("--kind", "compliance", "--period", "2026-03")
    document = json.loads(report_text(forked_database, tmp_path / "c.json", *period))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    whole = next(group for group in document["groups"] if group["scope"] == "all")
    assert (whole["calls"], whole["expected"], whole["expected_bypassed"]) == (4, 2, 1)
    rows = list(csv.DictReader(io.StringIO(report_text(forked_database, tmp_path / "c.csv", *period))))
    assert {(row["scope"], row["name"]) for row in rows} == {(group["scope"], group["name"]) for group in document["groups"]}
    root = ET.fromstring(report_text(forked_database, tmp_path / "c.xml", *period))
    assert int(root.get("tests", "")) == len(document["groups"])
    assert int(root.get("failures", "")) == sum(group["otherwise"] > 0 for group in document["groups"])
    log = json.loads(report_text(forked_database, tmp_path / "c.sarif", *period))
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {row["rule_id"] for row in document["findings"]}
