"""Records: structured arrays whose fields have names for people, mypy and numba alike.

A record is a class with one annotated field per line, ``float`` or ``int``::

    class Weapon(Record):
        range: float  # edge to edge, map cells
        damage: float  # points per hit

    weapons: Records[Weapon] = new_records(Weapon, n_units)
    weapons[i].damage += 1.0  # in a kernel
    weapons["damage"]  # in Python: the column of all of them

At run time these are plain NumPy arrays of ``record_dtype(Weapon)``. ``weapons[i]`` is a
reference, not a copy: ``weapon = weapons[i]`` can be written to, in kernels and in Python.
"""

from typing import Any, Protocol, TypeVar, cast, get_type_hints, overload

import numpy as np
from numpy.typing import NDArray

_Record = TypeVar("_Record", bound="Record")
_Record_co = TypeVar("_Record_co", bound="Record", covariant=True)


class Record:
    """Base of record classes; it is never instantiated, only its annotations are read."""


class Records(Protocol[_Record_co]):
    """One array of records (n,), as mypy sees it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape, (n,)."""

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> _Record_co: ...
    @overload
    def __getitem__(self, index: str) -> NDArray[Any]: ...
    def __setitem__(self, index: int | str, value: Any) -> None: ...
    def __len__(self) -> int: ...


class RecordBatch(Protocol[_Record_co]):
    """One array of records (B, n), as mypy sees it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape, (B, n)."""

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> Records[_Record_co]: ...
    @overload
    def __getitem__(self, index: str) -> NDArray[Any]: ...
    def __setitem__(self, index: int | str, value: Any) -> None: ...
    def __len__(self) -> int: ...


def record_dtype(record: type[Record], real: type[np.floating[Any]] = np.float64) -> np.dtype[Any]:
    """Return the structured dtype of a record class: fields in their order, without padding.

    Its scalars are ``numpy.record``, whose fields are attributes in Python, too.

    Args:
        record: the class; its annotations are ``float`` (stored as ``real``) or ``int`` (int64).
        real: the floating point type.

    Raises:
        TypeError: a field has another annotation.
    """
    types: dict[type, Any] = {float: real, int: np.int64}
    fields = get_type_hints(record)
    for name, kind in fields.items():
        if kind not in types:
            raise TypeError(f"{record.__name__}.{name}: {kind!r} is neither float nor int")
    return np.dtype((np.record, [(name, types[kind]) for name, kind in fields.items()]))


def new_records(record: type[Record], shape: int | tuple[int, ...]) -> Any:
    """Return a zeroed array of records: ``Records`` for one number, ``RecordBatch`` for two."""
    return np.zeros(shape, record_dtype(record))


def single_record(record: type[_Record], **values: float) -> _Record:
    """Return one record with these values, for kernels to read: ``sizes.n_agents``.

    Args:
        record: the class.
        values: one number for each of its fields.

    Raises:
        TypeError: a field is missing or unknown.
    """
    known = set(get_type_hints(record))
    if known != set(values):
        raise TypeError(f"{record.__name__}: expected {sorted(known)}, got {sorted(values)}")
    one = np.zeros((), record_dtype(record))
    for name, value in values.items():
        one[name] = value
    return cast(_Record, one[()])
