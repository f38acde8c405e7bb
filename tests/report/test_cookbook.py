"""The cookbook: every query runs, answers what it says, and the page in docs/ is the program's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from siplens.errors import SiplensError
from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.report.cookbook import Question, cookbook, cookbook_markdown, find_question, read_question
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import Store, memory_store

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
SAMPLES = ("forked_cancelled", "direct_media_refused")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with memory_store() as filled:
        for case in SAMPLES:
            assert all(file.error is None for file in ingest_paths(filled, [str(shipped_folder("sample_traces") / case / "capture.pcap")]))
        import_configuration(filled, [shipped_folder("sample_traces") / "direct_media_refused" / "config.yaml"])
        derive(filled)
        judge(filled)
        yield filled


@pytest.mark.parametrize("question", cookbook(), ids=lambda question: question.name)
def test_every_query_runs(store: Store, question: Question) -> None:
    assert store.query(question.sql).columns


def test_there_are_at_least_25_questions_with_names_of_their_own() -> None:
    assert len({question.name for question in cookbook()}) == len(cookbook()) >= 25
    assert all(question.question.rstrip(".").split("?")[0] and "?" in question.question for question in cookbook())


@pytest.mark.parametrize(
    ("name", "columns", "golden"),
    [
        ("causes", ["cause", "calls"], [("peer refused direct media", 1)]),
        (
            "early_dialogs_by_peer",
            ["early_dialogs", "calls", "answered"],
            [(1, 2, 2), (2, 2, 1), (3, 1, 0), (5, 1, 0)],
        ),
        ("refused_direct_offers", ["answer_status", "offers"], [(488, 1)]),
        ("failed_verdicts", ["direction", "expected", "observed"], [("outbound", "pass", "fail")]),
    ],
)
def test_queries_answer_what_the_traces_hold(store: Store, name: str, columns: list[str], golden: list[tuple[object, ...]]) -> None:
    found = store.query(f"select {', '.join(columns)} from ({find_question(name).sql})").rows
    assert sorted(map(str, found)) == sorted(map(str, golden))


def test_the_page_is_the_programs() -> None:
    assert PAGE.read_text(encoding="utf-8") == cookbook_markdown(), "run: siplens docs cookbook -o docs/cookbook.md"


def test_a_name_that_is_not_there_brings_those_near_it() -> None:
    with pytest.raises(SiplensError, match="@cause") as raised:
        find_question("cause")
    assert "causes" in (raised.value.hint or "")


def test_a_saved_query_says_what_it_answers(tmp_path: Path) -> None:
    path = tmp_path / "mine.sql"
    path.write_text("select 1")
    with pytest.raises(SiplensError, match="begins with a comment"):
        read_question(path)
