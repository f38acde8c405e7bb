"""README's promises: its SQL runs, its configuration is understood, its rule table is the program's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.config import read_configuration
from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.resources import shipped_folder
from siplens.rules import load_rules
from siplens.store import Store, memory_store

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
CASE = shipped_folder("sample_traces") / "forked_cancelled"


def blocks(language: str) -> list[str]:
    """The fenced blocks of README in one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with memory_store() as filled:
        assert all(file.error is None for file in ingest_paths(filled, [str(CASE / "capture.pcap")]))
        import_configuration(filled, [CASE / "config.yaml"])
        derive(filled)
        yield filled


@pytest.mark.parametrize("sql", blocks("sql"), ids=range(1, len(blocks("sql")) + 1))
def test_every_query_runs_and_answers(store: Store, sql: str) -> None:
    assert store.query(sql).rows


def test_the_peer_query_counts_what_the_trace_holds(store: Store) -> None:
    assert store.query(blocks("sql")[0]).rows == [("gw1.contoso.example", 4, 5, 2)]


def test_the_configuration_is_understood(tmp_path: Path) -> None:
    [text] = blocks("yaml")
    path = tmp_path / "bypass.yaml"
    path.write_text(text)
    assert read_configuration(path).rows == {
        "mediation_server": 1,
        "bypass_settings": 1,
        "network_region": 1,
        "network_site": 2,
        "network_subnet": 1,
        "bandwidth_policy": 1,
        "gateway": 1,
        "trunk": 1,
        "media_configuration": 1,
    }


def test_the_table_of_rules_is_the_programs() -> None:
    table = re.findall(r"^\| ([A-Z]{3}) \| (\d+) \|", README, flags=re.MULTILINE)
    assert {family: int(count) for family, count in table} == Counter(rule.family for rule in load_rules())


def test_its_pictures_are_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    for name in pictures:
        size = (Path(__file__).parents[1] / name).stat().st_size
        assert 1_000 < size < 200_000
