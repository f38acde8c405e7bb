"""`siplens demo`: every sample trace into a database of its own, judged by its own configuration, with a report each.

The cases describe one imaginary company in different states: same addresses, other settings. Hence a database per case.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import Format

if TYPE_CHECKING:
    from siplens.report.facts import Facts
    from siplens.report.samples import Case

CALL_COLUMNS = (
    "case",
    "no",
    "caller",
    "called",
    "outcome",
    "early",
    "media",
    "expected",
    "observed",
    "verdict",
    "failed rules",
)


def demo(
    folder: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Where databases and reports go; those of an earlier demo are replaced.",
        ),
    ] = Path("siplens-demo"),
) -> None:
    """Ingest the sample traces, judge them, print calls and findings, and write a report of each."""
    from siplens.cli import console
    from siplens.cli.doctor import kernel_is_compiled
    from siplens.cli.report import save
    from siplens.report.render import render_html
    from siplens.report.samples import compare, sample_cases
    from siplens.report.samples_page import render_index

    samples = sample_cases()
    folder.mkdir(parents=True, exist_ok=True)
    if not kernel_is_compiled():
        console.say("compiling the packet kernel (first run only) …")
    cases: list[Case] = []
    with console.talk().status("ingesting the sample traces …"):
        for sample in samples:
            facts = _judge(sample, folder / f"{sample.name}.duckdb")
            cases.append(compare(sample, facts))
            save(folder / f"{sample.name}.html", render_html(facts))
    index = folder / "report.html"
    save(index, render_index(cases))
    _print_calls(cases)
    _print_findings(cases)
    _print_end(cases, folder, index)


def _judge(sample: Path, database: Path) -> Facts:
    """One case from its files to the facts of its report, in a fresh database."""
    from siplens.pipeline.blank import open_writable
    from siplens.pipeline.configure import import_configuration
    from siplens.pipeline.ingest import ingest_paths
    from siplens.report.facts import gather
    from siplens.report.samples import inputs, title_of
    from siplens.rules import judge

    for stale in (database, database.with_name(database.name + ".wal")):
        stale.unlink(missing_ok=True)
    captures, configurations = inputs(sample)
    with open_writable(database) as store:
        for outcome in ingest_paths(store, [str(path) for path in captures]):
            if outcome.error:
                raise outcome.error
        if configurations:
            import_configuration(store, configurations)
        judge(store)
        return gather(store, title=f"Sample trace: {title_of(sample)}")


def _print_calls(cases: Sequence[Case]) -> None:
    from siplens.cli.rows import YES_NO, emit, media_words

    rows = []
    for case in cases:
        for number, call in enumerate(case.facts.calls):
            rows.append(
                {
                    "case": case.name if number == 0 else "",
                    "no": call["call_no"],
                    "caller": call["caller"],
                    "called": call["called"],
                    "outcome": call["outcome"],
                    "early": call["early_dialogs"],
                    "media": media_words(call),
                    "expected": YES_NO[call["bypass_expected"]],
                    "observed": YES_NO[call["bypass_observed"]],
                    "verdict": call["bypass_verdict"],
                    "failed rules": call["findings"],
                }
            )
    emit(rows, CALL_COLUMNS, Format.table, title="Calls: was bypass expected, and was it observed?")


def _print_findings(cases: Sequence[Case]) -> None:
    from rich.text import Text

    from siplens.cli import console
    from siplens.cli.finding_text import finding_lines

    console.show(Text("\nFindings", style="bold"))
    for case in cases:
        failed = [finding for group in case.facts.failures for finding in group.findings]
        if failed:
            console.show(Text.assemble((f"\n{case.name}", "bold underline"), (f"  {case.title}", "dim")))
        for finding in failed:
            console.show(*finding_lines(finding, about=True, most=4))
    undecided = [(case.name, sum(len(group.findings) for group in case.facts.undecided)) for case in cases]
    told = ", ".join(f"{name} {number}" for name, number in undecided if number)
    if told:
        console.show(Text(f"\nJudgements that could not be made, with the reason in the report: {told}.", style="yellow"))


def _print_end(cases: Sequence[Case], folder: Path, index: Path) -> None:
    from siplens.cli import console

    judged = sum(case.judgements for case in cases)
    wrong = [case for case in cases if case.differences]
    for case in wrong:
        console.say(f"{case.name}: not as expected.csv says: {'; '.join(case.differences)}", "bold red")
    if not wrong:
        console.write(f"\nAll {judged} judgements in {len(cases)} cases are as the traces' expected.csv says.\n")
    example = next((case for case in cases if case.facts.failures), cases[0])
    console.write(f"\nReport       {index.resolve()}\n")
    console.write(f"Look closer  siplens call 1 --db {folder / example.name}.duckdb\n")
