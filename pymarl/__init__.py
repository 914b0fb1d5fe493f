"""PyMARL's training pipeline: algorithms, runners and environments for cooperative multi-agent RL."""
