"""SMAC's rules over a table of units, whatever engine fills it."""
