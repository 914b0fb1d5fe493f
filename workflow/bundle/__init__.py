"""One archive with everything that a published figure rests on, and its check."""
