"""Which environments of a batch a snapshot is taken of, and which take it over."""

from collections.abc import Sequence

from pymarl.errors import EnvError


def chosen_rows(rows: Sequence[int] | None, n_envs: int) -> list[int] | None:
    """Return the rows of a snapshot as a list of environments; None: all of them.

    Raises:
        EnvError: there is no such environment.
    """
    if rows is None:
        return None
    chosen = [int(row) for row in rows]
    for row in chosen:
        if not 0 <= row < n_envs:
            raise EnvError(f"rows: there is no environment {row}; expected 0 to {n_envs - 1}")
    return chosen


def rows_to_set(rows: Sequence[int] | None, k: int, n_envs: int) -> list[int] | None:
    """Return the environments that take over a snapshot of ``k`` ones; None: all of them.

    Raises:
        EnvError: there is no such environment, one is named twice, or ``k`` is neither 1 nor their
            number.
    """
    chosen = chosen_rows(rows, n_envs)
    number = n_envs if chosen is None else len(chosen)
    if chosen is not None and len(set(chosen)) < number:
        raise EnvError(f"rows={chosen}: an environment can take over one snapshot only")
    if k not in (1, number):
        raise EnvError(
            f"set_snapshot: a snapshot of {k} environments for {number}; expected one for each, or "
            "one for all (rows= chooses them, there and in get_snapshot)"
        )
    return chosen
