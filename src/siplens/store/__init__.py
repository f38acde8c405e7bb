"""The DuckDB store: schema, one writer, read-only opener. It knows no SIP."""

from siplens.store.store import SCHEMA_VERSION, Rows, Store, all_or_nothing, memory_store, new_database, open_store

__all__ = ["SCHEMA_VERSION", "Rows", "Store", "all_or_nothing", "memory_store", "new_database", "open_store"]
