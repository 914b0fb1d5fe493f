"""Learners by name (``learner`` in the configuration)."""

from pymarl.learners.base import Learner
from pymarl.learners.coma_learner import COMALearner
from pymarl.learners.q_learner import QLearner
from pymarl.learners.qtran_learner import QTRANLearner

REGISTRY: dict[str, type[Learner]] = {
    "q_learner": QLearner,
    "coma_learner": COMALearner,
    "qtran_learner": QTRANLearner,
}
