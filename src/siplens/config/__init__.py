"""Configuration files into the tables of `siplens.records.configuration`. Nothing here opens the database."""

from siplens.config.read import Configuration, read_configuration

__all__ = ["Configuration", "read_configuration"]
