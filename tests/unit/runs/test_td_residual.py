"""The table of TD residuals: means, standard errors and counts by hand; what is said of them."""

import json
import math

import pytest
import torch as th

from pymarl.errors import NonFiniteError
from pymarl.runs.td_residual import StepResidual, TDResiduals
from tests.reference.batches import Sizes
from tests.reference.learners import make_args

NAN = float("nan")


def collected():
    """Three episodes of 3, 2 and 1 steps in two rollouts; padding holds NaN."""
    residuals = TDResiduals()
    mask = th.tensor([[1.0, 1, 1, 0], [1, 1, 0, 0]]).unsqueeze(2)
    residuals.add(th.tensor([[1.0, -2, 3, NAN], [3.0, 4, NAN, NAN]]), mask)
    residuals.add(th.tensor([[-1.0, NAN]]), th.tensor([[[1.0], [0]]]))
    return residuals


def test_means_errors_and_counts_by_hand():
    assert collected().steps() == [
        StepResidual(1, 3, 1.0, pytest.approx(2 / math.sqrt(3))),
        StepResidual(2, 2, 1.0, pytest.approx(3.0)),
        StepResidual(3, 1, 3.0, None),
    ]


def test_the_file_holds_the_table_and_what_it_is_of():
    args = make_args("qmix", Sizes(), "env_args.map_name=2s3z", "checkpoint_path=some/models")
    found = json.loads(json.dumps(collected().as_json(args, 2), allow_nan=False))
    error = pytest.approx(3.0)
    assert found.pop("steps")[1] == {"step": 2, "n": 2, "mean": 1.0, "standard_error": error}
    assert found == {
        "env": "sim",
        "map_name": "2s3z",
        "engine_version": 2,
        "checkpoint_path": "some/models",
        "value": "mixer(max_a Q_i, s)",
        "gamma": 0.99,
        "episodes": 3,
        "transitions": 6,
        "mean": pytest.approx(8 / 6),
        "mean_absolute": pytest.approx(14 / 6),
        "mean_absolute_of_step_means": pytest.approx(5 / 3),
        "mean_of_last_steps": pytest.approx((3 + 4 - 1) / 3),
    }


def test_the_log_has_one_line_per_step_and_warns_of_iql():
    text = collected().report(make_args("vdn", Sizes()), 2)
    assert (
        "V = sum over agents of max_a Q_i; 3 test episodes of env=sim 3m, engine version 2" in text
    )
    rows = [line.split() for line in text.splitlines()[2:5]]
    assert rows == [
        ["1", "3", "+1.0000", "1.1547"],
        ["2", "2", "+1.0000", "3.0000"],
        ["3", "1", "+3.0000", "-"],
    ]
    assert "do not compare" not in text
    assert "do not compare" in collected().report(make_args("iql", Sizes()), None)


def test_values_that_are_not_finite_are_refused():
    residuals = TDResiduals()
    with pytest.raises(NonFiniteError, match="td_residual=True: the saved model's values"):
        residuals.add(th.tensor([[NAN, 1.0]]), th.ones(1, 2, 1))
