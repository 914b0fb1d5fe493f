"""Where people watch their runs: tensorboard, Weights & Biases, Trackio. Off by default."""
