"""Configs and provenance files to run identity and metadata."""

from typing import Any

from analysis.dataset.checks.contradictions import fill_algorithm
from analysis.dataset.checks.run_kind import fill_kind
from analysis.dataset.json_values import positive, real, whole
from analysis.dataset.labels import FIRST_ENGINE, SIMULATED, clean_label
from analysis.dataset.records import RunRecord
from analysis.dataset.view.config_keys import settings_text
from analysis.errors import ResultError

# Where PyMARL, EPyMARL, FACMAC and the particle environments name what is played.
MAP_KEYS = ("map_name", "key", "scenario_name", "scenario")
MISSING = {
    "alg": "no algorithm ('name')",
    "map": "no map ('env_args.map_name' or 'env_args.key') and no environment ('env')",
}


def fill_from_config(run: RunRecord, config: dict[str, Any]) -> None:
    """Identity and protocol from a PyMARL-style config (flat keys + ``env_args``).

    The config wins over the folder's name; where both are known and differ, ``run.problems``
    notes it. Where neither names a map, the environment's name stands for it
    (``meta["map_from_env"]``). What stays unknown is listed in ``meta["missing"]`` for
    :func:`require_named`.
    """
    env_args = config.get("env_args")
    args = env_args if isinstance(env_args, dict) else {}
    found = {
        "alg": label_or_none(config.get("name")),
        "map": next((v for k in MAP_KEYS if (v := label_or_none(args.get(k)))), None)
        or label_or_none(config.get("map_name")),
        "env": label_or_none(config.get("env")),
        "experiment": label_or_none(config.get("experiment")),
    }
    for key, label in found.items():
        if label is not None:
            before = getattr(run, key)
            if before not in ("unknown", label):
                run.problems.append(f"folder says {key} {before!r}, config says {label!r}")
                run.meta.setdefault("disagree", {})[key] = (before, label)
            setattr(run, key, label)
    if run.map == "unknown" and found["env"]:
        run.map = found["env"]
        run.meta["map_from_env"] = True
        run.problems.append("config.json: names no map; the environment's name stands for it")
    missing = ["alg"] if found["alg"] is None else []
    run.meta["missing"] = missing + (["map"] if run.map == "unknown" else [])
    run.meta["config"] = settings_text(config)
    seed = whole(config.get("seed"))
    if seed is not None:
        if run.seed is not None and run.seed != seed:
            run.problems.append(f"folder says seed {run.seed}, config says {seed}")
            run.meta.setdefault("disagree", {})["seed"] = (str(run.seed), str(seed))
        run.seed = seed
    run.t_max = positive(config.get("t_max"))
    run.test_interval = positive(config.get("test_interval"))
    fill_kind(run, config)
    fill_algorithm(run, config)
    run.meta["test_nepisode"] = positive(config.get("test_nepisode"))
    run.meta["held_out_tests"] = whole(config.get("held_out_tests"))
    run.meta["batch_size_run"] = positive(config.get("batch_size_run"))
    run.meta["runner"] = clean_label(config.get("runner"))


def label_or_none(value: Any) -> str | None:
    """A name from a config; None for anything but text with something in it."""
    return clean_label(value) if isinstance(value, str) and value.strip() else None


def unnamed(run: RunRecord) -> str | None:
    """Why a run has no place in a table: only what is missing, and the option that gives it."""
    missing = run.meta.get("missing")
    if not missing:
        return None
    what = " and ".join(MISSING[key] for key in missing)
    options = " and ".join(f"--{key} NAME" for key in missing)
    hint = "" if run.source == "own" else f"; give {options} with import"
    return f"config.json: names {what}{hint}"


def require_named(run: RunRecord) -> None:
    """Check that algorithm and map are known.

    Raises:
        ResultError: see :func:`unnamed`.
    """
    if problem := unnamed(run):
        raise ResultError(problem)


def engine_version(run: RunRecord, data: dict[str, Any]) -> int | None:
    """Version of the simulator's engine; None for other backends and where it is not usable."""
    told = data.get("engine_version")
    if run.meta["backend"] not in SIMULATED:
        return None
    if told is None:  # written before the version was recorded
        return FIRST_ENGINE
    version = positive(told)
    if version is None:
        run.problems.append(f"engine_version {clean_label(told)}: not a whole number above 0")
    return version


def fill_from_provenance(run: RunRecord, data: dict[str, Any]) -> None:
    """Backend, code fingerprint, versions, resources from our provenance.json (format 1)."""
    if data.get("format") != 1:
        run.problems.append(f"provenance.json: format {clean_label(data.get('format'))}, not 1")
    text_keys = (
        "backend",
        "backend_label",
        "sc2_build",
        "git_commit",
        "code_sha256",
        "python",
        "device",
        "platform",
        "started",
        "finished",
        "image_digest",
    )
    for key in text_keys:
        value = data.get(key)
        run.meta[key] = clean_label(value) if value is not None else None
    command = data.get("command")
    parts = command if isinstance(command, list) else [command]
    run.meta["command"] = clean_label(" ".join(map(str, parts)), limit=2000) if command else None
    for key in ("env_steps", "updates", "resumes", "threads"):
        run.meta[key] = whole(data.get(key))
    run.meta["duration_s"] = real(data.get("duration_s"))
    run.meta["engine_version"] = engine_version(run, data)
    dirty = data.get("git_dirty")
    run.meta["git_dirty"] = dirty if isinstance(dirty, bool) else None
    packages = data.get("packages")
    if isinstance(packages, dict):
        pairs = [(clean_label(k), clean_label(v)) for k, v in list(packages.items())[:60]]
        run.meta["packages"] = dict(sorted(pairs))
