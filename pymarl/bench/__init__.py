"""Speed of training, measured as ratios to PyMARL's step-by-step form in one run."""
