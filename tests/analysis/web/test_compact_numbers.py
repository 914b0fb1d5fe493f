"""Curves as text: what is written is what can be read back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.web.compact_numbers import BASE, DIGITS, MISSING, common_scale, encode

numbers = st.floats(-1e6, 1e6) | st.just(float("nan"))


def decode(text, factor, offset):
    codes = [
        DIGITS.index(a) * BASE + DIGITS.index(b) for a, b in zip(text[::2], text[1::2], strict=True)
    ]
    return np.array([np.nan if c == MISSING else (c + offset) / factor for c in codes])


@given(st.lists(st.lists(numbers, max_size=9), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_values_come_back_within_the_resolution(rows):
    arrays = [np.array(row, dtype=np.float64) for row in rows]
    factor, offset = common_scale(arrays, 100)
    for row in arrays:
        back = decode(encode(row, factor, offset), factor, offset)
        np.testing.assert_allclose(back, row, atol=0.5001 / factor)


def test_rates_are_exact():
    rates = np.arange(33) / 32
    factor, offset = common_scale([rates], 3200)
    assert factor == 3200
    np.testing.assert_array_equal(decode(encode(rates, factor, offset), factor, offset), rates)


def test_the_scale_gets_coarser_only_when_the_range_demands_it():
    assert common_scale([np.array([0.0, 20.0])], 100) == (100, 0)
    assert common_scale([np.array([-50.0, 50.0])], 100) == (50, -2500)
    assert common_scale([np.array([np.nan])], 100) == (100, 0)


def test_text_needs_no_escaping():
    assert len(set(DIGITS)) == BASE == 89
    assert not set(DIGITS) & set('"\\<>& ')
    assert len(encode(np.zeros(0), 100, 0)) == 0
    assert encode(np.array([np.nan]), 100, 0) == 2 * DIGITS[-1]


@pytest.mark.parametrize("value", [0.0, 79.19])
def test_the_ends_of_the_scale(value):
    factor, offset = common_scale([np.array([0.0, 79.19])], 100)
    assert decode(encode(np.array([value]), factor, offset), factor, offset)[0] == value
