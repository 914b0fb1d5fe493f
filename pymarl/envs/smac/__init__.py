"""SMAC's definition, engine-free: maps, actions, availability, observations, state and reward."""
