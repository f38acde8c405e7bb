"""Keeping and forgetting: pruning a database, Parquet archives by day, and several databases and archives as one."""
