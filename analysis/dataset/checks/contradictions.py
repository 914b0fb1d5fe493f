"""What a run's own files contradict: name, algorithm, length; and runs that start late.

Such runs are used, because the log is whole, but the reader is told: the usual cause is a
configuration that another run left in the folder, or a folder copied together from two.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from analysis.dataset.checks.run_kind import shown_alg
from analysis.dataset.labels import clean_label
from analysis.dataset.records import EVALUATION, RunRecord
from analysis.dataset.view.group_keys import place_order

BEYOND_FRACTION = 1 / 0.975  # of t_max, as far past it as a complete run may end before it
BEYOND_INTERVALS = 1.5
LATE_INTERVALS = 2  # a first evaluation this much later than another's is no matter of the clock
NAMED = 3  # seeds, in a sentence
OTHER_CONFIG = "; is config.json another run's?"


class Family(NamedTuple):
    """Algorithms that share a learner, and the statistics that only this learner logs."""

    name: str
    learners: tuple[str, ...]  # values of the key ``learner``
    algorithms: tuple[str, ...]  # first words of the key ``name``
    statistics: tuple[str, ...]


# Source: the learners of PyMARL, EPyMARL (actor-critic, PPO, MADDPG) and PyMARL2, which log these.
FAMILIES = (
    Family("QTRAN", ("qtran_learner",), ("qtran",), ("opt_loss", "nopt_loss")),
    Family("COMA", ("coma_learner",), ("coma",), ("coma_loss",)),
    Family(
        "actor-critic",
        ("actor_critic_learner", "actor_critic_pac_learner", "ppo_learner", "maddpg_learner"),
        ("ia2c", "maa2c", "ippo", "mappo", "maddpg", "pac"),
        ("pg_loss",),
    ),
    Family(
        "Q-learning",
        ("q_learner", "nq_learner"),
        ("iql", "vdn", "qmix"),
        ("q_taken_mean",),  # COMA's and other critics log it too: asked last
    ),
)
MIXERS = {"iql": None, "vdn": "vdn", "qmix": "qmix"}  # of the algorithms with the same learner


def fill_algorithm(run: RunRecord, config: dict[str, Any]) -> None:
    """What a config says about its algorithm besides the name, for :func:`other_algorithm`."""
    run.meta["learner"] = config.get("learner")
    if "mixer" in config:
        run.meta["mixer"] = config["mixer"]


def family_of(run: RunRecord) -> Family | None:
    """The family whose statistics the run logged; None when they are of none we know."""
    for family in FAMILIES:
        if any(key in run.series for key in family.statistics):
            return None if family.name == "Q-learning" and "critic_loss" in run.series else family
    return None


def other_algorithm(run: RunRecord) -> str | None:
    """How configuration and statistics name different algorithms; None when they do not."""
    found = family_of(run)
    base = first_word(run.alg)
    by_name = next((f for f in FAMILIES if base in f.algorithms), None)
    by_learner = next((f for f in FAMILIES if run.meta.get("learner") in f.learners), None)
    for family, text in ((by_name, run.alg), (by_learner, run.meta.get("learner"))):
        if found is not None and family is not None and family is not found:
            key = next(k for k in found.statistics if k in run.series)
            what = f"configuration of {clean_label(text)}, statistics of {found.name} ({key})"
            return what + OTHER_CONFIG
    mixer = run.meta.get("mixer")
    known = "mixer" in run.meta and any(mixer == m for m in MIXERS.values())
    if known and base in MIXERS and mixer != MIXERS[base]:
        mixer_name = clean_label(mixer, "null")
        return f"configuration named {run.alg} with mixer {mixer_name}{OTHER_CONFIG}"
    return None


def other_folder(run: RunRecord) -> str | None:
    """How folder and configuration name different runs; None when they do not.

    The experiment may differ, because folders are moved, and so may a variant in brackets.
    """
    disagree: dict[str, tuple[str, str]] = run.meta.get("disagree", {})
    for key in ("map", "alg", "seed"):
        folder, config = disagree.get(key, ("", ""))
        if folder.partition("[")[0].strip() != config.partition("[")[0].strip():
            return f"folder of {key} {folder}, configuration of {key} {config}"
    return None


def first_word(alg: str) -> str:
    """``qmix_beta`` -> ``qmix``: variants keep their algorithm's name in front."""
    return alg.lower().split("_")[0].split("-")[0]


def beyond_t_max(run: RunRecord) -> str | None:
    """How far a log goes past its own ``t_max``; None when no further than a training may.

    A training ends with the first rollout past ``t_max``, so it may pass it by one rollout.
    """
    last = run.t_last()
    if last is None or run.t_max is None or run.kind == EVALUATION:
        return None
    slack = BEYOND_INTERVALS * (run.test_interval or 0) + rollout_steps(run)
    if last <= max(BEYOND_FRACTION * run.t_max, run.t_max + slack):
        return None
    times = last / run.t_max
    much = f"{times:.0f}" if times >= 10 else f"{times:.2g}"
    if run.meta.get("t_max_given"):
        return f"log goes on to t_env {last}, {much} times the --t-max given; --until N cuts it"
    return f"log goes on to t_env {last}, {much} times its t_max of {run.t_max}{OTHER_CONFIG}"


def rollout_steps(run: RunRecord) -> float:
    """Env steps of the longest rollout logged: an episode in each of the parallel environments."""
    lengths = [
        float(run.series[key].value.max())
        for key in ("ep_length_mean", "test_ep_length_mean")
        if key in run.series
    ]
    return max(lengths, default=0.0) * (run.meta.get("batch_size_run") or 1)


def late_starts(members: Sequence[RunRecord]) -> str | None:
    """Which runs of a curve have their first evaluation much later than the others."""
    first = {id(r): int(c.t_env[0]) for r in members if (c := r.evaluations()) is not None}
    if len(first) < 2:
        return None
    start = min(first.values())
    late = [
        r
        for r in members
        if id(r) in first and first[id(r)] - start >= LATE_INTERVALS * (r.test_interval or 10_000)
    ]
    if not late:
        return None
    at = min(first[id(r)] for r in late)
    return (
        f"{of_all(late, members)} started late, first at t_env {at} (others at {start}); "
        "points before are of the others"
    )


def of_all(some: Sequence[RunRecord], members: Sequence[RunRecord]) -> str:
    """``1 of 3 runs (seed 2)``."""
    names = [str(r.seed) if r.seed is not None else r.path for r in some]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    seeds = "seeds" if len(names) > 1 else "seed"
    return f"{len(some)} of {len(members)} runs ({seeds} {', '.join(names[:NAMED])}{more})"


def contradictions(runs: Iterable[RunRecord]) -> list[str]:
    """Sentences about included runs: one for each curve and each thing that does not fit."""
    groups: dict[tuple[str, str], list[RunRecord]] = defaultdict(list)
    for run in runs:
        groups[run.map, shown_alg(run.alg, run.kind)].append(run)
    out = []
    for map_name, alg in sorted(groups, key=place_order):
        where, members = f"{alg} on {map_name}", groups[map_name, alg]
        for check in (other_folder, other_algorithm, beyond_t_max):
            said = [(r, text) for r in members if (text := check(r)) is not None]
            texts = list(dict.fromkeys(text for _, text in said))
            if said:
                count = len(texts) - 1
                more = f" (and {count} other{'s' * (count > 1)})" if count else ""
                who = of_all([r for r, _ in said], members)
                out.append(f"{where}: {who}: {texts[0]}{more}")
        if (late := late_starts(members)) is not None:
            out.append(f"{where}: {late}")
    return out
