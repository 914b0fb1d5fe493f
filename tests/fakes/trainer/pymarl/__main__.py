"""A fake trainer with the real one's command line: it counts up instead of learning.

Tests put its folder on PYTHONPATH. FAKE_TRAINER_FAIL="qmix/1,vdn/2" makes those runs fail,
FAKE_TRAINER_REFUSE="qmix/1" makes it refuse that run's configuration,
FAKE_TRAINER_SLEEP_S is the time a run takes, and every start adds a line to FAKE_TRAINER_JOURNAL.
As the real one it keeps what it has done when it gets SIGTERM, exits with 143 and goes on from
there.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path


def main() -> int:
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in sys.argv[1:3])
    arguments = dict(entry.split("=", 1) for entry in sys.argv[4:])
    assert sys.argv[3] == "with"
    alg, seed, t_max = flags["config"], arguments["seed"], int(arguments["t_max"])
    with Path(os.environ["FAKE_TRAINER_JOURNAL"]).open("a") as journal:
        journal.write(
            f"{alg}/{seed} threads={os.environ.get('OMP_NUM_THREADS')} "
            f"gpu={os.environ.get('CUDA_VISIBLE_DEVICES')} pid={os.getpid()} "
            f"{' '.join(sys.argv[4:])}\n"
        )
    if f"{alg}/{seed}" in os.environ.get("FAKE_TRAINER_REFUSE", "").split(","):
        print("pymarl: lr='abc': input should be a valid number")
        print("pymarl: the same call would fail again (no retry)")
        return 2
    folder = Path(arguments["run_dir"])
    if (folder / "complete.json").exists():
        print("already complete")
        return 2
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    saved = work / "elapsed"
    started = time.monotonic() - (float(saved.read_text()) if saved.exists() else 0.0)

    def stop(number, frame):
        saved.write_text(str(time.monotonic() - started))
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    seconds = float(os.environ.get("FAKE_TRAINER_SLEEP_S", "0"))
    while (spent := time.monotonic() - started) < seconds:
        progress = {
            "t_env": int(t_max * spent / seconds),
            "t_max": t_max,
            "rate": t_max / seconds,
            "eta_s": seconds - spent,
            "test_battle_won_mean": spent / seconds,
            "updated": time.time(),
        }
        (work / "progress.json").write_text(json.dumps(progress))
        time.sleep(0.05)
    if f"{alg}/{seed}" in os.environ.get("FAKE_TRAINER_FAIL", "").split(","):
        print("RuntimeError: the loss is not finite")
        return 1
    scratch = folder / ".complete"
    scratch.write_text(json.dumps({"format": 1, "status": "COMPLETED", "files": {}}))
    scratch.replace(folder / "complete.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
