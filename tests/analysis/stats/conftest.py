"""Every test starts with the same random numbers, in whatever order tests run."""

import pytest

from tests.analysis.stats.random_numbers import RNG, START


@pytest.fixture(autouse=True)
def _numbers_do_not_depend_on_the_order_of_tests():
    RNG.bit_generator.state = START
