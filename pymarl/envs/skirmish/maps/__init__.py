"""From a map to the arrays of the engine."""
