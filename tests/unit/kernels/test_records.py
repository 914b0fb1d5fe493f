from typing import NamedTuple

import numpy as np
import pytest

from pymarl.kernels.records import (
    Record,
    RecordBatch,
    Records,
    new_records,
    record_dtype,
    single_record,
)
from pymarl.kernels.simulator_jit import cold_kernel, inlined_kernel, inner_kernel


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


def test_fields_are_attributes_in_python_too():
    weapons = new_records(Weapon, 2)
    weapons[1].damage = 2.5
    assert weapons["damage"].tolist() == [0.0, 2.5]
    assert weapons[1].damage == 2.5
    assert single_record(Sizes, n_units=2, bonus=1.5).bonus == 1.5


class Armory(NamedTuple):
    weapons: Records[Weapon]
    sizes: Sizes


@inlined_kernel
def armory_of(weapons: RecordBatch[Weapon], sizes: Sizes, k: int) -> Armory:
    return Armory(weapons[k], sizes)


@inner_kernel
def aim_all(armory: Armory, target: int) -> None:
    for i in range(armory.sizes.n_units):
        armory.weapons[i].target = target


@cold_kernel
def aim(weapons: RecordBatch[Weapon], sizes: Sizes, k: int, target: int) -> None:
    aim_all(armory_of(weapons, sizes, k), target)


def test_a_tuple_of_records_is_made_in_kernels_and_in_python():
    weapons, sizes = new_records(Weapon, (2, 3)), single_record(Sizes, n_units=2, bonus=1.5)
    aim(weapons, sizes, 1, 7)
    assert weapons["target"].tolist() == [[0, 0, 0], [7, 7, 0]]
    armory_of(weapons, sizes, 0).weapons[2].target = 9
    assert weapons["target"].tolist() == [[0, 0, 9], [7, 7, 0]]


def test_fields_lie_in_their_order_without_padding():
    assert record_dtype(Weapon) == np.dtype([("range", "f8"), ("damage", "f8"), ("target", "i8")])
    assert record_dtype(Weapon, np.float32).itemsize == 16


def test_other_types_of_fields_are_refused():
    with pytest.raises(TypeError, match=r"Named.name.*neither float nor int"):
        record_dtype(Named)


def test_a_single_record_names_all_its_fields():
    with pytest.raises(TypeError, match=r"Sizes: expected \['bonus', 'n_units'\]"):
        single_record(Sizes, n_units=2)
