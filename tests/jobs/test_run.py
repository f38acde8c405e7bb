"""A run of a job: what it writes, whom it tells, what it leaves in `run`, and that two never overlap."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.jobs.job import read_job
from siplens.jobs.run import Report, run_job
from siplens.resources import shipped_folder
from siplens.settings import find_settings
from siplens.store import open_store

TRACES = shipped_folder("sample_traces")
THE_8TH = dt.datetime(2026, 3, 8, 5, 30, tzinfo=dt.UTC)
"""06:30 in Berlin, half an hour after the job was due; the calls are of the 7th."""


class Lab:
    """A folder with siplens.toml, captures, a configuration and two destinations that write ticket files."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.folder = folder
        (folder / "captures").mkdir()
        self.arrive("forked_cancelled/capture.pcap", "forks.pcap")
        (folder / "bypass.yaml").write_bytes((TRACES / "forked_cancelled" / "config.yaml").read_bytes())
        (folder / "siplens.toml").write_text(
            '[jobs.nightly]\nschedule = "daily 06:00"\ntime_zone = "Europe/Berlin"\ningest = ["captures"]\nconfig = "bypass.yaml"\n'
            'period = "last day"\nreport = "reports/{job}-{period}.html"\nsummary = "reports/{job}.md"\ntell = ["tickets"]\n'
            f'{extra}\n[tell.tickets]\nkind = "ticket"\npath = "tickets/{{date}}-{{number}}.json"\nattempts = 1\n'
        )

    def arrive(self, trace: str, name: str) -> None:
        (self.folder / "captures" / name).write_bytes((TRACES / trace).read_bytes())

    def run(self, now: dt.datetime = THE_8TH, *, if_due: bool = True) -> list[Report]:
        settings = find_settings(self.folder / "siplens.toml")
        return run_job(read_job(settings, "nightly"), settings, lambda line: None, if_due=if_due, now=now)

    def tickets(self) -> list[Path]:
        return sorted((self.folder / "tickets").glob("*")) if (self.folder / "tickets").exists() else []

    def rows(self, columns: str) -> list[tuple[object, ...]]:
        with open_store(self.folder / "siplens.duckdb", write=False) as store:
            return store.query(f"select {columns} from run order by run_no").rows


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_a_run_reads_judges_reports_and_tells_what_is_new(lab: Lab) -> None:
    [first] = lab.run()
    assert (first.run.outcome, first.run.exit_status, first.run.files, first.run.calls) == ("findings", 1, 1, 4)
    assert first.run.due_at == dt.datetime(2026, 3, 8, 5, 0)
    assert (first.run.since, first.run.until) == (dt.datetime(2026, 3, 6, 23), dt.datetime(2026, 3, 7, 23))
    report = (lab.folder / "reports" / "nightly-2026-03-07.html").read_text()
    assert "EDL002" in report
    assert (lab.folder / "reports" / "nightly.md").read_text() == first.summary
    assert first.summary.startswith(
        f"# siplens nightly: findings\n\n4 calls, {first.run.findings} failures standing: {first.run.findings} new."
    )
    assert "| Due | 2026-03-08 06:00 CET |" in first.summary
    assert len(first.summary.splitlines()) < 60, "one page"
    [ticket] = lab.tickets()
    told = json.loads(ticket.read_text())
    assert {"EDL002"} <= {finding["rule_id"] for finding in told["findings"]}
    assert {finding["news"] for finding in told["findings"]} == {"new"}

    assert lab.run() == [], "it is done: nothing is due"
    [second] = lab.run(if_due=False)
    assert (second.run.due_at, second.run.files, second.run.new_findings) == (None, 0, 0)
    assert len(lab.tickets()) == 1, "what was told is not told again"
    assert lab.rows("job, outcome, exit_status, due_at is null, told is null") == [
        ("nightly", "findings", 1, False, False),
        ("nightly", "findings", 1, True, True),
    ]

    with open_store(lab.folder / "siplens.duckdb", write=True) as store:
        store.con.execute("UPDATE told_finding SET digest = 'other' WHERE fingerprint = (select min(fingerprint) from told_finding)")
    lab.run(if_due=False)
    [_, changed] = lab.tickets()
    assert [finding["news"] for finding in json.loads(changed.read_text())["findings"]] == ["changed"]


def test_missed_runs_are_made_up_for_each_with_its_own_period(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "catch_up = 3")
    lab.run()
    reports = lab.run(THE_8TH + dt.timedelta(days=5))
    assert [report.run.due_at for report in reports] == [dt.datetime(2026, 3, day, 5, 0) for day in (11, 12, 13)]
    assert "2 earlier runs were missed and are not made up for" in reports[0].summary
    assert sorted(path.name for path in (lab.folder / "reports").glob("*.html")) == [
        f"nightly-2026-03-{day:02d}.html" for day in (7, 10, 11, 12)
    ]


def test_a_destination_that_cannot_be_reached_hears_of_it_next_time(lab: Lab) -> None:
    (lab.folder / "tickets").write_text("in the way")
    [failed] = lab.run()
    assert failed.run.exit_status == 2
    assert failed.run.detail is not None
    assert "tickets: could not be told" in failed.run.detail
    (lab.folder / "tickets").unlink()
    [again] = lab.run(if_due=False)
    assert (again.run.exit_status, again.run.new_findings, len(lab.tickets())) == (1, 0, 1)


def test_an_error_leaves_its_row_and_is_tried_again(lab: Lab) -> None:
    (lab.folder / "bypass.yaml").write_text("network_sites: [{NetworkSiteId: 5]\n")
    [failed] = lab.run()
    assert (failed.run.outcome, failed.run.exit_status) == ("error", 2)
    assert "bypass.yaml" in failed.summary
    (lab.folder / "bypass.yaml").write_text("mediation_servers: [10.1.0.10]\n")
    [again] = lab.run()
    assert again.run.outcome in ("clean", "findings")
    assert lab.rows("outcome")[0] == ("error",)


def test_an_error_is_told_once_until_a_run_ends_well(lab: Lab) -> None:
    good = (lab.folder / "bypass.yaml").read_text()
    (lab.folder / "bypass.yaml").write_text("network_sites: [{NetworkSiteId: 5]\n")
    [failed] = lab.run(if_due=False)
    [ticket] = lab.tickets()
    told = json.loads(ticket.read_text())
    assert (told["outcome"], told["findings"]) == ("error", [])
    assert "bypass.yaml" in told["headline"]
    assert str(ticket) in str(failed.run.told)
    assert [report.run.told for report in lab.run(if_due=False)] == [None], "the same error again is no news"
    (lab.folder / "bypass.yaml").unlink()
    lab.run(if_due=False)
    assert len(lab.tickets()) == 2, "another error is"
    (lab.folder / "bypass.yaml").write_text(good)
    [well] = lab.run(if_due=False)
    assert well.run.outcome == "findings"
    (lab.folder / "bypass.yaml").unlink()
    lab.run(if_due=False)
    assert [json.loads(path.read_text())["outcome"] for path in lab.tickets()] == ["error", "error", "findings", "error"]


def test_an_error_of_which_nobody_could_be_told_is_told_next_time(lab: Lab) -> None:
    (lab.folder / "bypass.yaml").write_text("network_sites: [{NetworkSiteId: 5]\n")
    (lab.folder / "tickets").write_text("in the way")
    [failed] = lab.run(if_due=False)
    assert failed.run.outcome == "error"
    (lab.folder / "tickets").unlink()
    lab.run(if_due=False)
    assert len(lab.tickets()) == 1


def test_a_source_that_is_missing_is_a_note_and_not_the_end(lab: Lab) -> None:
    text = (lab.folder / "siplens.toml").read_text().replace('["captures"]', '["captures", "gone", "logs/*.log"]')
    (lab.folder / "siplens.toml").write_text(text)
    [report] = lab.run()
    assert report.run.outcome == "findings"
    assert "there is no such file or folder" in report.summary
    assert "no file matches" in report.summary


def test_a_run_that_was_killed_is_marked_and_made_up_for(lab: Lab) -> None:
    script = """
import os, sys, datetime as dt
from pathlib import Path
from siplens.jobs import run as module
from siplens.jobs.job import read_job
from siplens.settings import find_settings
module.prepare = lambda *arguments: os.kill(os.getpid(), 9)
settings = find_settings(Path(sys.argv[1]))
module.run_job(read_job(settings, "nightly"), settings, print, if_due=True, now=dt.datetime(2026, 3, 8, 5, 30, tzinfo=dt.UTC))
"""
    assert subprocess.run([sys.executable, "-c", script, str(lab.folder / "siplens.toml")], check=False).returncode == -9
    assert lab.rows("outcome, ended_at") == [("running", None)]
    [report] = lab.run()
    assert report.run.outcome == "findings"
    assert lab.rows("outcome") == [("broken off",), ("findings",)]


def test_two_runs_never_overlap(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    script = "import sys; from filelock import FileLock\nwith FileLock(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    lock = str(lab.folder / "siplens.duckdb.nightly.lock")
    arguments = ["run", "nightly", "--settings", str(lab.folder / "siplens.toml")]
    with subprocess.Popen([sys.executable, "-c", script, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert main(arguments) == 2
        assert "another run of this job is going on" in capsys.readouterr().err
        assert main([*arguments, "--if-due"]) == 0, "a unit that starts it again is no error"
        other.communicate("")


def test_the_job_can_prune(tmp_path: Path) -> None:
    lab = Lab(tmp_path, 'prune_older_than = "2d"')
    lab.run(THE_8TH)
    lab.run(THE_8TH + dt.timedelta(days=2))
    with open_store(lab.folder / "siplens.duckdb", write=False) as store:
        assert store.value("select count(*) from message") == 0
        assert store.value("select count(*) from finding where status = 'fail' and resolved_at is null") > 0


def test_the_command_prints_the_page(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "nightly", "--settings", str(lab.folder / "siplens.toml")]) == 1
    # What was found of a peer over all its calls (EDL010), and of the configuration (CFG009), stands, whatever the period.
    assert capsys.readouterr().out.startswith("# siplens nightly: findings\n\n0 calls, 2 failures standing: 2 new.")
