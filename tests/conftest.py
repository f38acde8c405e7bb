"""Fixtures that many tests share: real data where it is present, and a store in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED_DATA = CHECKOUT.parent / "shared" / "data"

# Every run tries the same examples, however slow the machine is: a test that passed once passes again.
settings.register_profile("same_examples", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same_examples")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real captures and texts beside the checkout; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real captures are not beside this checkout (../shared/data)")
    return SHARED_DATA
