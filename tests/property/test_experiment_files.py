"""Whatever stands in an experiment file or after --config: a plan, or one line that refuses it."""

import json

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from workflow.errors import PipelineError
from workflow.experiment.experiment_file import experiment_keys, parse_experiment
from workflow.experiment.selection import read_selection
from workflow.experiment.training_runs import expand_runs

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking lists of lists takes minutes
GOOD = {
    "experiment": "x", "env": "sim", "maps": ["3m"], "algs": ["qmix", "vdn"], "seeds": [1, 2],
    "t_max": 1000,
}  # fmt: skip  # a file in one look
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6),
    st.sampled_from(["qmix", "3m", "1e-3", "lr", "a.b", "2,3", "[1", "{a: 1}", "product", "zip"]),
)  # fmt: skip  # a list
KEYS = st.one_of(
    st.sampled_from(["lr", "td_lambda", "env_args", "map_name", "algs", "maps", "qmix", "first"]),
    st.text(max_size=3),
    st.integers(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
CHANGES = st.dictionaries(st.sampled_from(sorted(experiment_keys())), VALUES, max_size=3)


def planned(read):
    """Plan what ``read`` returns, or check that it is refused in one line."""
    refusal, runs = "", []
    try:
        runs = expand_runs(read())
    except PipelineError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert bool(refusal) != bool(runs)
    assert len({run.folder for run in runs}) == len(runs)
    for run in runs:
        assert all("\n" not in argument for argument in run.arguments())
        assert "/" not in run.alg_folder
        assert run.name.partition("[")[0] == run.alg
        json.dumps(run.expected_entry())


@settings(max_examples=150, deadline=None, phases=PHASES)
@given(CHANGES)
def test_any_file_is_planned_or_refused_in_one_line(changes):
    planned(lambda: parse_experiment({**GOOD, **changes}, "x.yaml"))


@settings(max_examples=100, deadline=None, phases=PHASES)
@given(CHANGES)
def test_anything_after_config_is_planned_or_refused_in_one_line(changes):
    typed = {**changes, "experiment": "smoke"}
    planned(lambda: read_selection(typed, typed=typed).experiment)


SWEEPS = st.dictionaries(
    st.sampled_from(["lr", "gamma", "env_args.step_mul", "label"]),
    st.lists(st.one_of(st.integers(), st.floats(allow_nan=False), st.text(max_size=8)), max_size=4),
    min_size=1,
    max_size=3,
)


@settings(max_examples=100, deadline=None, phases=PHASES)
@given(SWEEPS, st.sampled_from(["product", "zip"]))
def test_every_variant_of_a_sweep_has_a_folder_of_its_own(sweep, mode):
    planned(lambda: parse_experiment({**GOOD, "sweep": sweep, "sweep_mode": mode}, "x.yaml"))
