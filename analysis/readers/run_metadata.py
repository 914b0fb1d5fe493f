"""Configs and provenance files to run identity and metadata."""

from typing import Any

from analysis.dataset.json_values import positive, real, whole
from analysis.dataset.labels import FIRST_ENGINE, SIMULATED, clean_label
from analysis.dataset.records import RunRecord
from analysis.errors import ResultError


def fill_from_config(run: RunRecord, config: dict[str, Any]) -> None:
    """Identity and protocol from a PyMARL-style config (flat keys + ``env_args``).

    The config wins over the folder's name; where both are known and differ, ``run.problems``
    notes it.

    Raises:
        ResultError: when the config names no algorithm or map at all.
    """
    env_args = config.get("env_args")
    args = env_args if isinstance(env_args, dict) else {}
    found = {
        "alg": config.get("name"),
        "map": args.get("map_name") or args.get("key"),
        "env": config.get("env"),
        "experiment": config.get("experiment"),
    }
    for key, value in found.items():
        if isinstance(value, str) and value.strip():
            label = clean_label(value)
            before = getattr(run, key)
            if before not in ("unknown", label):
                run.problems.append(f"folder says {key} {before!r}, config says {label!r}")
            setattr(run, key, label)
    named = [found["alg"], found["map"]]
    if not all(isinstance(v, str) and v.strip() for v in named):
        raise ResultError("config.json: names no algorithm ('name') or map ('env_args.map_name')")
    seed = whole(config.get("seed"))
    if seed is not None:
        if run.seed is not None and run.seed != seed:
            run.problems.append(f"folder says seed {run.seed}, config says {seed}")
        run.seed = seed
    run.t_max = positive(config.get("t_max"))
    run.test_interval = positive(config.get("test_interval"))
    run.meta["test_nepisode"] = positive(config.get("test_nepisode"))
    run.meta["held_out_tests"] = whole(config.get("held_out_tests"))
    run.meta["batch_size_run"] = positive(config.get("batch_size_run"))
    run.meta["runner"] = clean_label(config.get("runner"))


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
