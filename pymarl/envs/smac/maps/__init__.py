"""Maps: their files, terrain, unit types, and the scenarios they make."""
