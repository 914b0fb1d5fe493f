"""The documented tables: columns, types and meaning of what ``collect`` writes.

``TIDY_COLUMNS``: one row per run, evaluation and metric. ``RUN_COLUMNS``: one row per run found or
expected. ``EPISODE_COLUMNS``: one row per recorded test episode. docs/pipeline/analysis.md shows
these tables; a test keeps the two equal.
"""

from analysis.dataset.records import STATUSES

FORMAT = 1

# column -> (type, meaning)
TIDY_COLUMNS: dict[str, tuple[str, str]] = {
    "run_id": ("category", "key into runs.parquet: experiment/env/map/alg/seed=k"),
    "experiment": ("category", "experiment the run belongs to"),
    "env": ("category", "environment config name"),
    "backend": ("category", "sim, sc2, standin, matrix or unknown: what played the battles"),
    "sc2_build": ("category", "StarCraft II build, empty when there was none"),
    "engine_version": ("Int64", "version of the simulator's engine, empty for the real game"),
    "map": ("category", "map name"),
    "alg": ("category", "algorithm config name"),
    "seed": ("Int64", "seed; for logs without seeds the number of the run"),
    "runner": ("category", "episode, parallel, ..."),
    "updates_per_env_step": ("float64", "learner updates / env steps, NaN when not recorded"),
    "provenance": ("category", "first 16 hex digits of the provenance file's SHA-256"),
    "included": ("bool", "the run passes the completeness rule and is no duplicate"),
    "metric": ("category", "stat key, e.g. test_battle_won_mean"),
    "t_env": ("int64", "env steps when the value was logged"),
    "t_nominal": ("int64", "nominal evaluation time: floor(t_env / interval) * interval"),
    "value": ("float64", "the value as logged"),
    "n_episodes": ("Int32", "episodes behind a test_* value"),
}

RUN_COLUMNS: dict[str, tuple[str, str]] = {
    "run_id": ("string", "unique name of the run"),
    "path": ("string", "folder or file (with the entry) it was read from"),
    "source": ("string", "reader: own, pymarl, epymarl, smac-paper, marl-eval"),
    "experiment": ("string", "experiment"),
    "env": ("string", "environment config name"),
    "map": ("string", "map"),
    "alg": ("string", "algorithm config name"),
    "seed": ("Int64", "seed"),
    "kind": ("string", "training, evaluation or continued (from a saved model)"),
    "status": ("string", ", ".join(STATUSES)),
    "included": ("bool", "used in statistics"),
    "partial": ("bool", "used although it did not reach its end (--include-incomplete)"),
    "label": ("string", "label given to its folder; runs of different labels share no curve"),
    "code": (
        "string",
        "why not: pending, running, failed, incomplete, broken, duplicate, evaluation, ...",
    ),
    "reason": ("string", "the same in words"),
    "problems": ("string", "what was repaired or left out inside the run; JSON list"),
    "t_max": ("Int64", "env steps asked for"),
    "t_last": ("Int64", "env step of the last evaluation"),
    "n_evaluations": ("Int64", "test evaluations"),
    "test_interval": ("Int64", "nominal evaluation interval (configured, else inferred)"),
    "test_nepisode": ("Int64", "episodes per evaluation"),
    "backend": ("string", "backend key"),
    "backend_label": ("string", "backend in words"),
    "sc2_build": ("string", "StarCraft II build"),
    "engine_version": ("Int64", "version of the simulator's engine, empty for the real game"),
    "config": ("string", "settings: JSON object of dotted keys, without seeds and paths"),
    "runner": ("string", "runner"),
    "batch_size_run": ("Int64", "parallel environments"),
    "env_steps": ("Int64", "environment steps taken"),
    "updates": ("Int64", "learner updates"),
    "updates_per_env_step": ("float64", "updates / env_steps"),
    "duration_s": ("float64", "wall time in seconds, over all processes of a resumed run"),
    "rate": ("float64", "env steps per second"),
    "max_rss_mib": ("float64", "peak memory from the benchmark file"),
    "cpu_time_s": ("float64", "CPU seconds from the benchmark file"),
    "mean_load": ("float64", "mean CPU load in percent from the benchmark file"),
    "progress_t_env": ("Int64", "env steps so far of a run that is not complete"),
    "progress_rate": ("float64", "its env steps per second"),
    "eta_s": ("float64", "its estimated seconds left"),
    "resumes": ("Int64", "times the run was resumed"),
    "failed_attempts": ("Int64", "earlier attempts kept as failed-<n>"),
    "git_commit": ("string", "commit of the training code"),
    "git_dirty": ("boolean", "uncommitted changes"),
    "code_sha256": ("string", "fingerprint of the training code"),
    "provenance_sha256": ("string", "SHA-256 of provenance.json"),
    "python": ("string", "Python version"),
    "packages": ("string", "package versions; JSON object"),
    "device": ("string", "cpu, cuda, ..."),
    "threads": ("Int64", "threads"),
    "platform": ("string", "platform"),
    "host": ("string", "host name"),
    "command": ("string", "command line"),
    "started": ("string", "start time"),
    "finished": ("string", "end time"),
    "image_digest": ("string", "container image"),
}

EPISODE_COLUMNS: dict[str, tuple[str, str]] = {
    "run_id": ("string", "key into runs.parquet"),
    "t_env": ("int64", "env steps when the evaluation began"),
    "t_nominal": ("int64", "nominal evaluation time"),
    "index": ("int32", "episode within the evaluation"),
    "env_seed": ("int64", "seed of the episode"),
    "return": ("float32", "episode return"),
    "length": ("int32", "steps"),
    "battle_won": ("int8", "1 won, 0 not; empty where there are no battles"),
    "timeout": ("int8", "1 when the time limit ended it"),
    "dead_allies": ("int32", "allies lost"),
    "dead_enemies": ("int32", "enemies killed"),
    "ally_health_left": ("float32", "fraction of health and shield left"),
    "enemy_health_left": ("float32", "fraction of health and shield left"),
}
