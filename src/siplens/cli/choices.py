"""What several options choose from, and what they are without a word. Nothing is imported for it: a plain `ingest` needs no Typer."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"
    ndjson = "ndjson"
    markdown = "markdown"


class FailOn(StrEnum):
    """From which severity on a failure gives exit status 1."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"
    never = "never"


DEFAULT_DATABASE = Path("siplens.duckdb")
DEFAULT_DATABASES = [DEFAULT_DATABASE]
