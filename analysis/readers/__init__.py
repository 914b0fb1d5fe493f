"""Readers: log folders of several projects to :class:`analysis.dataset.records.RunRecord`.

Each module has ``read(root) -> (runs, skipped)`` and never raises for bad log content:
what cannot be used becomes a run with a status and a reason, or a ``Skipped`` entry.
"""
