"""The first half of a run: files in, configuration in, rules run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siplens.errors import ConfigurationError, UnreadableFileError
from siplens.jobs.job import Job
from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import ensure_derived
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.recognise import ReadOptions
from siplens.rules import load_rules, run_rules, select_rules, with_overrides
from siplens.rules.params import Overrides
from siplens.settings import Settings
from siplens.store import Store


def prepare(store: Store, job: Job, settings: Settings, say: Callable[[str], None]) -> tuple[int, list[str]]:
    """Ingests, imports and judges; returns how many files were new, and notes on what could not be read.

    A source that is missing or cannot be read is a note, not the end of the run: the other sources have their findings.
    """
    files, notes = 0, []
    for source in job.ingest:
        try:
            for file in ingest_paths(store, [source], ReadOptions(zone=_zone(job))):
                if file.error:
                    notes.append(file.error.message)
                elif file.source_id is None:
                    notes += [f"{file.path}: {warning}" for warning in file.warnings]
                elif not file.known:
                    files += 1
                    say(f"{file.path}: ingested")
        except UnreadableFileError as error:
            notes.append(error.message)
    if job.config:
        imported = import_configuration(store, list(job.config))
        notes += imported.warnings
        if not imported.known:
            say(f"configuration snapshot {imported.snapshot_id}: imported")
    ensure_derived(store)
    rules = with_overrides(load_rules(rule_folders(settings)), overrides(settings))
    run_rules(store, select_rules(rules, job.rules), overrides(settings))
    return files, notes


def rule_folders(settings: Settings) -> list[Path]:
    """The user's own folders of rules, from the folder of siplens.toml."""
    named = settings.values.get("rule_folders", [])
    if not isinstance(named, list) or not all(isinstance(folder, str) for folder in named):
        raise ConfigurationError(f"{settings.path}: rule_folders is not a list of texts", 'write rule_folders = ["my-rules"]')
    return [settings.folder / folder for folder in named]


def overrides(settings: Settings) -> Overrides:
    """Values for parameters of rules: the tables below [rules]."""
    return {name: settings.table("rules", name).values for name in settings.names("rules")}


def _zone(job: Job) -> ZoneInfo:
    try:
        return ZoneInfo(job.log_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"{job.settings}: [jobs.{job.name}] log_tz: there is no time zone {job.log_zone!r}") from error
