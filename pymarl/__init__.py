"""PyMARL's training core: algorithms, runners and environments for cooperative multi-agent RL."""
