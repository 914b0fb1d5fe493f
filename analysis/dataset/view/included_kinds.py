"""Evaluations and continued trainings of a dataset that left them out, shown on request."""

from collections.abc import Collection

from analysis.dataset.columns import RUN_COLUMNS
from analysis.dataset.storage import Dataset, typed_frame
from analysis.dataset.view.training_cut import identity, in_order, rows_of


def include_kinds(dataset: Dataset, kinds: Collection[str]) -> None:
    """Use the complete runs of some kinds, as ``collect --include-evaluations`` does.

    Those that are not complete are then left out by their status. Copies of one test of one model
    count once.
    """
    if not kinds:
        return
    rows = rows_of(dataset.runs)
    seen = set()
    for row in in_order(rows):
        if row["code"] not in kinds:
            continue
        same = (identity(row), row["t_last"], row["reason"])  # the reason names the model
        if row["status"] != "COMPLETED":
            row["code"] = str(row["status"]).lower()
        elif same in seen:
            row |= {"code": "duplicate", "reason": "a copy of an evaluation or training shown"}
        else:
            seen.add(same)
            row |= {"included": True, "code": None, "reason": None}
    dataset.runs = typed_frame(RUN_COLUMNS, rows)
