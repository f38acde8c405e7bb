"""The command line: parses arguments, calls, prints. Only here is anything printed; nothing is decided here.

No module here imports anything heavy at its top (duckdb, pyarrow, numba, tables): `siplens --help` stays instant.
"""
