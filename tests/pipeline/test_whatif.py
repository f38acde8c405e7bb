"""What-if: the same calls under another configuration; the user's database stays as it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from siplens.cli.app import main
from siplens.config.change import read_change
from siplens.errors import ConfigurationError, SiplensError
from siplens.pipeline.whatif import Answer, what_if

TRACES = Path(__file__).parents[2] / "sample_traces"
GATEWAY = "Service:PstnGateway:gw1.contoso.example"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls of Berlin that bypass, and some of Hamburg that must not."""
    path = tmp_path_factory.mktemp("whatif") / "calls.duckdb"
    for case in ("bypassed", "constrained_site"):
        assert main(["ingest", str(TRACES / case / "capture.pcap"), "--db", str(path)]) == 0
    assert main(["config", "import", str(TRACES / "bypassed" / "config.yaml"), "--valid-from", "2020-01-01", "--db", str(path)]) == 0
    return path


def ask(database: Path, *changes: str, files: tuple[Path, ...] = ()) -> Answer:
    return what_if(database, [read_change(text) for text in changes], files)


def shown(answer: Answer) -> list[tuple[Any, ...]]:
    return sorted({(row["site"], row["expected_before"], row["expected_after"]) for row in answer.listed})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["trunk[gw1].EnableBypass=false"], [("Berlin", "pass", "fail")]),
        ([f"trunk[{GATEWAY}].EnableBypass="], [("Berlin", "pass", "fail")]),
        (["trunks[*].EnableBypass=no"], [("Berlin", "pass", "fail")]),
        (["network_site[Hamburg].BWPolicyProfileID="], [("Hamburg", "fail", "pass")]),
        (["site[berlin].BWPolicyProfileID=5Mb"], [("Berlin", "pass", "fail")]),
        (["bypass_settings.AlwaysBypass=true"], [("Hamburg", "fail", "pass")]),
        (["gateway[gw1].AcceptsDirectMedia=false"], [("Berlin", "pass", "fail")]),
        (["subnet[10.4.0.0/16].NetworkSiteID=Berlin"], [("Berlin", "fail", "pass")]),
        (["network_subnet[10.4.0.0/24].NetworkSiteID=Frankfurt"], [("Frankfurt", "fail", "pass")]),
        (["gateway[gw1].RepresentativeMediaIP=10.4.0.200"], [("Berlin", "pass", "fail"), ("Hamburg", "fail", "pass")]),
        (["trunk[gw1].EnableReferSupport=false", "trunk[gw1].RTCPActiveCalls=false"], [("Berlin", "pass", "fail")]),
        (["bypass_settings.Enabled=true"], []),
    ],
)
def test_which_calls_change(database: Path, changes: list[str], expected: list[tuple[str, str, str]]) -> None:
    answer = ask(database, *changes)

    assert shown(answer) == expected
    assert answer.changed == len(answer.listed)
    assert all(row["why"] for row in answer.listed)


def test_why_and_totals(database: Path) -> None:
    answer = ask(database, "trunk[gw1].EnableBypass=false")

    assert f"bypass_enabled_on_trunk pass → fail: trunk {GATEWAY}: EnableBypass False" in answer.listed[0]["why"]
    totals = {(row["scope"], row["name"]): (row["calls"], row["expected_before"], row["expected_after"]) for row in answer.totals}
    assert totals["site", "Berlin"][1:] == (totals["site", "Berlin"][0], 0), "all of Berlin's calls bypassed, and none would"
    assert totals["site", "Hamburg"][1:] == (0, 0)
    assert totals["all", "all calls"] == totals["trunk", GATEWAY]
    assert answer.notes == [f"trunk[gw1].EnableBypass=false: taken to mean {GATEWAY}"]


def test_another_configuration_for_all_calls(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = (TRACES / "bypassed" / "config.yaml").read_text(encoding="utf-8")
    other.write_text(text.replace("EnableBypass: true", "EnableBypass: false"), encoding="utf-8")

    assert shown(ask(database, files=(other,))) == [("Berlin", "pass", "fail")]
    assert shown(ask(database, "trunk[gw1].EnableBypass=true", files=(other,))) == []


def test_addresses_with_another_role_are_told(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    text = (TRACES / "bypassed" / "config.yaml").read_text(encoding="utf-8")
    text = text.replace("[10.1.0.10]", "[10.2.0.20]").replace("addresses: [10.2.0.20]", "addresses: [10.9.9.9]")
    other.write_text(text.replace("MediationServer: 10.1.0.10", "MediationServer: 10.2.0.20"), encoding="utf-8")
    answer = ask(database, files=(other,))

    told = [note.partition(" when ")[0] + note.partition("changed configuration")[2].partition(":")[0] for note in answer.notes]
    assert told == [
        "10.1.0.10 was taken as mediation calls it nothing that it names",
        "10.2.0.20 was taken as peer calls it mediation",
    ]
    assert all(f"how the legs of {answer.calls} calls belong together is not known" in note for note in answer.notes)


def test_the_database_is_not_touched(database: Path) -> None:
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    ask(database, "trunk[gw1].EnableBypass=false")

    assert hashlib.sha256(database.read_bytes()).hexdigest() == before


def test_rows_for_programs(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["whatif", "--set", "trunk[gw1].EnableBypass=false", "--db", str(database), "--format", "json"]) == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert (row["expected_before"], row["expected_after"], row["verdict_after"]) == ("pass", "fail", "fail")
    assert main(["whatif", "--set", "trunk[gw1].EnableBypass=false", "--db", str(database), "--format", "csv", "--show", "totals"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "scope,name,calls,expected_before,expected_after,unknown_after,changed,bypassed"
    assert main(["whatif", "--db", str(database)]) == 2


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("trunk.EnableBypass", "expected kind[object].Property=value", "write for instance"),
        ("truck[gw1].EnableBypass=true", "there is no kind of configuration truck", "did you mean trunk"),
        ("trunk[gw1].EnableBypas=true", "a trunk configuration has no property EnableBypas", "did you mean EnableBypass?"),
        ("trunk[gw1].EnableBypass=maybe", "EnableBypass of a trunk configuration: expected true or false, found 'maybe'", None),
        ("trunk.EnableBypass=true", "name the trunk configuration in brackets, or * for all", "write for instance"),
        ("subnet[10.3.0.0].NetworkSiteID=A", "name the network subnet as SubnetID/MaskBits, such as 10.3.0.0/16", None),
    ],
)
def test_what_cannot_be_understood(text: str, words: str, hint: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_change(text)

    assert words in caught.value.message
    assert hint is None or (caught.value.hint and hint in caught.value.hint)


def test_without_any_configuration(tmp_path: Path) -> None:
    path = tmp_path / "empty.duckdb"
    assert main(["ingest", str(TRACES / "bypassed" / "capture.pcap"), "--db", str(path)]) == 0
    with pytest.raises(SiplensError, match="no configuration was imported"):
        ask(path, "trunk[gw1].EnableBypass=false")
