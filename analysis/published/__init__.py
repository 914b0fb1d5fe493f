"""Published results: reference sets, verdicts against them, the SMAC paper's own raw runs."""
