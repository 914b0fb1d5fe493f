"""Learners by name (``learner`` in the configuration)."""

from pymarl.learners.q_learner import QLearner

REGISTRY: dict[str, type[QLearner]] = {"q_learner": QLearner}
