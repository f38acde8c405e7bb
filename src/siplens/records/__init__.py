"""The raw layer's contract: every table that readers fill, declared once. See `table.Table`."""

from siplens.records import configuration, media, quality, signalling, source
from siplens.records.table import Batch, Column, Table

CONFIGURATION_TABLES: tuple[Table, ...] = configuration.RAW
EVIDENCE_TABLES: tuple[Table, ...] = (*source.RAW, *signalling.RAW, *media.RAW, *quality.RAW)
TABLES: dict[str, Table] = {table.name: table for table in (*EVIDENCE_TABLES, *CONFIGURATION_TABLES)}

__all__ = ["CONFIGURATION_TABLES", "EVIDENCE_TABLES", "TABLES", "Batch", "Column", "Table"]
