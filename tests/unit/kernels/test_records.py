import numpy as np
import pytest

from pymarl.kernels.records import (
    Record,
    Records,
    new_records,
    record_dtype,
    single_record,
)
from pymarl.kernels.simulator_jit import cold_kernel


class Weapon(Record):
    range: float
    damage: float
    target: int


class Sizes(Record):
    n_units: int
    bonus: float


class Named(Record):
    name: str


@cold_kernel
def sharpen(weapons: Records[Weapon], sizes: Sizes) -> None:
    for i in range(sizes.n_units):
        weapon = weapons[i]
        weapon.damage += sizes.bonus
        weapon.target = i


def test_a_kernel_writes_to_named_fields():
    weapons = new_records(Weapon, 3)
    sharpen(weapons, single_record(Sizes, n_units=2, bonus=1.5))
    assert weapons["damage"].tolist() == [1.5, 1.5, 0.0]
    assert weapons["target"].tolist() == [0, 1, 0]


def test_fields_lie_in_their_order_without_padding():
    assert record_dtype(Weapon) == np.dtype([("range", "f8"), ("damage", "f8"), ("target", "i8")])
    assert record_dtype(Weapon, np.float32).itemsize == 16


def test_other_types_of_fields_are_refused():
    with pytest.raises(TypeError, match=r"Named.name.*neither float nor int"):
        record_dtype(Named)


def test_a_single_record_names_all_its_fields():
    with pytest.raises(TypeError, match=r"Sizes: expected \['bonus', 'n_units'\]"):
        single_record(Sizes, n_units=2)
