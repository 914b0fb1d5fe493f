"""docs/training/algorithms.md names every shipped configuration and every logged statistic."""

import re
from pathlib import Path

import pytest

from pymarl.config import layers
from tests.reference.batches import Sizes, random_batch
from tests.reference.learners import make_learner

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "training" / "algorithms.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"`([^`\n]+)`", PAGE))
SIZES = Sizes()


def test_every_configuration_is_named():
    assert set(layers.available("algs")) <= CODE


@pytest.mark.parametrize(
    ("alg", "heading"),
    [
        ("iql", "IQL, VDN, QMIX"),
        ("qmix", "IQL, VDN, QMIX"),
        ("qmix_ft", "IQL, VDN, QMIX"),
        ("qtran", "QTRAN"),
        ("coma", "COMA"),
        ("qplex", "QPLEX"),
        ("cw_qmix", "CW-QMIX, OW-QMIX"),
        ("ow_qmix", "CW-QMIX, OW-QMIX"),
        ("qatten", "Qatten"),
    ],
)
def test_every_logged_statistic_has_its_formula(alg, heading):
    learner = make_learner(alg, SIZES)
    learner.train(random_batch([3, 2], SIZES, seed=0), t_env=0, episode_num=0)
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    text = next(part for part in section if part.startswith(heading))
    rows = re.findall(r"^\| (`[^|]+`) \|", text, flags=re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    logged = {key for key in learner.logger.info if not key.endswith("_T")}
    assert len(logged) >= 5
    assert logged <= listed
