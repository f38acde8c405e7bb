"""A database with every raw and derived table, empty, that fixtures fill with the few rows they need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from siplens.rules import fixture
from siplens.rules.fixture import Rows
from siplens.store import Store


@pytest.fixture(scope="session")
def derived_store() -> Iterator[Store]:
    """The tables as the derivation makes them from nothing: fixtures cannot drift from what rules will meet."""
    with fixture.fixture_store() as store:
        yield store


@pytest.fixture
def tables(derived_store: Store) -> Iterator[Store]:
    """The same store for one test, emptied afterwards."""
    yield derived_store
    fixture.empty(derived_store)


@pytest.fixture
def fill(tables: Store) -> Callable[[Rows | Path], None]:
    """Inserts rows, given as a dictionary or as a fixture file in YAML."""
    return lambda given: fixture.fill(tables, given)
