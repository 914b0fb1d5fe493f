"""Code that workflow and pymarl both hold, because the border between them is files only."""

import pytest

from pymarl.utils.suggest import did_you_mean as pymarl_did_you_mean
from workflow.errors import did_you_mean as workflow_did_you_mean

KNOWN = ["3m", "8m", "2s3z", "qmix", "qtran", "vdn", "iql", "t_max", "experiment", "It's"]


@pytest.mark.parametrize(
    "name",
    [
        "3n",
        "3M",
        "qmx",
        "QMIX",
        "qtrn",
        "experimnt",
        "tmax",
        "its",
        "zzz",
        "",
        "3",
        "vdnn",
        7,
        None,
    ],
)
@pytest.mark.parametrize("known", [KNOWN, KNOWN[::-1], tuple(KNOWN[:3]), []])
def test_both_sides_suggest_the_same_name(name, known):
    assert workflow_did_you_mean(name, known) == pymarl_did_you_mean(name, known)


def test_the_examples_hold_hits_and_misses():
    assert workflow_did_you_mean("qmx", KNOWN) == "; did you mean 'qmix'?"
    assert workflow_did_you_mean("zzz", KNOWN) == ""
