"""README's siplens.toml is understood as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from siplens.jobs.job import read_job
from siplens.settings import Settings
from siplens.tell import read_destination

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_jobs_of_readme_are_understood(tmp_path: Path) -> None:
    [text] = [block for block in re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL) if "[jobs." in block]
    settings = Settings(tmp_path / "siplens.toml", text)
    job = read_job(settings, "nightly")
    assert (job.schedule.words(), job.zone.key, job.tell) == ("every day at 06:00", "Europe/Berlin", ("team", "mail"))
    assert [read_destination(settings, name).kind for name in job.tell] == ["teams", "email"]
