"""The commands of ``python -m workflow``."""
