"""The unit table: the only thing SMAC's definition knows of an engine.

One table of U rows per environment: rows 0..N-1 are the agents in SMAC's order, then the enemies in
the order of the game's unit list at reset, or in that of ``enemy_order.py``. Numbers are float32,
as StarCraft II's protobuf carries them. A dead unit has health 0 and keeps its last position, as in
SMAC.
"""

from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from pymarl.kernels.records import Record, RecordBatch, Records, record_dtype
from pymarl.kernels.simulator_jit import inner_kernel

SHOOT_RANGE: Final = 6.0
"""SMAC: every unit may be ordered to attack within this distance, centre to centre."""
SIGHT_RANGE: Final = 9.0
"""SMAC: every unit sees this far, centre to centre. SMACv2's units have ranges of their own."""


class UnitRow(Record):
    """What the game's protocol shows of one unit; all fields are stored as float32."""

    x: float  # of the centre, in map cells from the west
    y: float  # from the south
    health: float  # points; <= 0: the unit is dead
    shield: float  # points
    energy: float  # points
    weapon_cooldown: float  # game loops until the next attack may begin


UnitTable = Records[UnitRow]
"""The table of one environment, (U,)."""
UnitTables = RecordBatch[UnitRow]
"""Tables of several environments or moments, (B, U)."""

UNIT_ROW: Final = record_dtype(UnitRow, np.float32)
COLUMNS: Final = UNIT_ROW.names or ()
N_COLUMNS: Final = len(COLUMNS)


def new_tables(batch: int, units: int) -> UnitTables:
    """Return ``batch`` zeroed tables of ``units`` rows, records (B, U)."""
    return cast(UnitTables, np.zeros((batch, units), UNIT_ROW))


def flat_numbers(table: UnitTable | UnitTables) -> NDArray[np.float32]:
    """Return tables (..., U) as plain numbers, float32 (..., U * N_COLUMNS): a view, not a copy."""
    records: NDArray[Any] = np.asarray(table)
    return records.view(np.float32)


def as_numbers(table: UnitTable | UnitTables) -> NDArray[np.float32]:
    """Return tables (..., U) as plain numbers, float32 (..., U, N_COLUMNS): a view, not a copy."""
    return flat_numbers(table).reshape(*table.shape, N_COLUMNS)


def as_tables(numbers: NDArray[np.float32]) -> UnitTables:
    """Return plain numbers (B, U, N_COLUMNS) as tables (B, U): a view, not a copy."""
    return cast(UnitTables, numbers.view(UNIT_ROW)[..., 0])


@inner_kernel
def copy_table(source: UnitTable, target: UnitTable) -> None:
    """Copy every row of one table to another one."""
    for i in range(source.shape[0]):
        target[i] = source[i]


@inner_kernel
def clear_table(table: UnitTable) -> None:
    """Set every number of the table to 0."""
    for i in range(table.shape[0]):
        unit = table[i]
        unit.x = 0.0
        unit.y = 0.0
        unit.health = 0.0
        unit.shield = 0.0
        unit.energy = 0.0
        unit.weapon_cooldown = 0.0
