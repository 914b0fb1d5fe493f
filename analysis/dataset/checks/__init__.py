"""Checks of what a run is and of what its own files contradict; no file is read here."""
