"""Mechanics of the engine, subject by subject, against numbers worked out by hand."""
