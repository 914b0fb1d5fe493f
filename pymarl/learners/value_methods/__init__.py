"""Learners of team values that QMIX cannot represent: weighted QMIX and QPLEX."""
