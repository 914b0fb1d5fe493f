"""The programs that jobs are started with: run-python, run-training, gpu-slot, in-docker."""

import os
import re
import subprocess

import pytest

from tests.support.workplace import ROOT

SCRIPTS = ROOT / "workflow/scripts"
# What run-training starts: the trainer, and the trainer that works on a node's own disk.
TRAINER, SCRATCH_TRAINER = re.findall(
    r"\bmodule=(\S+)$", (SCRIPTS / "run-training").read_text(), re.MULTILINE
)
# `docker image inspect` finds the image; `docker run` prints its arguments.
DOCKER = '[ "$1" = image ] || echo docker "$@"'


def programs(folder, **scripts):
    """Write fake programs and return a PATH on which they come first."""
    target = folder / "bin"
    target.mkdir()
    for name, text in {"nvidia-smi": "exit 1", **scripts}.items():
        (target / name).write_text(f"#!/bin/sh\n{text}\n")
        (target / name).chmod(0o755)
    return f"{target}:{SCRIPTS}:{os.environ['PATH']}"


def call(name, *arguments, cwd, **env):
    """Run one of the programs; return its exit code and what it printed."""
    done = subprocess.run(
        [str(SCRIPTS / name), *arguments],
        env={"PATH": os.environ["PATH"], **env},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_on_the_host_the_first_python_of_the_path_runs_as_it_is(tmp_path):
    path = programs(tmp_path, python='echo python "$@" cache=$NUMBA_CACHE_DIR')
    env = {"PATH": path, "PYMARL_ENGINE": "host"}
    assert call("run-python", "-m", "analysis", "two words", cwd=tmp_path, **env) == (
        0,
        "python -m analysis two words cache=\n",
    )


def test_in_a_container_python_is_isolated_and_has_a_place_for_kernels(tmp_path):
    path = programs(tmp_path, python='echo python "$@" cache=$NUMBA_CACHE_DIR')
    env = {"PATH": path, "PYMARL_ENGINE": "apptainer", "APPTAINER_CONTAINER": "/x.sif"}
    assert call("run-python", "-m", "analysis", cwd=tmp_path, **env) == (
        0,
        f"python -I -m analysis cache={tmp_path}/.snakemake/numba-cache\n",
    )


def test_a_job_of_apptainer_refuses_the_host(tmp_path):
    path = programs(tmp_path, python="echo trained")
    code, out = call(
        "run-python", "-m", "pymarl", cwd=tmp_path, PATH=path, PYMARL_ENGINE="apptainer"
    )
    assert code != 0
    assert "trained" not in out
    assert "use --use-singularity" in out


def test_docker_gets_the_image_and_the_isolated_python(tmp_path):
    env = {"PATH": programs(tmp_path, docker=DOCKER), "PYMARL_ENGINE": "docker"}
    code, out = call("run-python", "-m", "pymarl", cwd=tmp_path, PYMARL_IMAGE="lab/x:1", **env)
    assert code == 0, out
    assert out.startswith("docker run --rm")
    assert out.endswith(" lab/x:1 python -I -m pymarl\n")
    code, out = call("run-python", "-m", "pymarl", cwd=tmp_path, **env)
    assert code != 0
    assert "PYMARL_IMAGE is not set" in out


@pytest.mark.parametrize("env", [{}, {"PYMARL_ENGINE": "podman"}])
def test_without_a_known_engine_nothing_is_guessed(tmp_path, env):
    code, out = call("run-python", "-m", "pymarl", cwd=tmp_path, **env)
    assert code == 2
    assert "expected host, apptainer or docker" in out


@pytest.mark.parametrize(
    ("env", "module"),
    [({}, TRAINER), ({"PYMARL_SCRATCH": "$SLURM_TMPDIR"}, SCRATCH_TRAINER)],
)
def test_a_training_has_its_mark_threads_and_module(tmp_path, env, module):
    python = 'echo "$@" job=$PYMARL_PIPELINE_JOB numba=$NUMBA_NUM_THREADS gpu=$CUDA_VISIBLE_DEVICES'
    env = {"PATH": programs(tmp_path, python=python), "PYMARL_ENGINE": "host", **env}
    out = call(
        "run-training", "--threads", "3", "--config=vdn", "with", "x=a b", cwd=tmp_path,
        PYMARL_GPU_SLOTS="5", **env,
    )  # fmt: skip  # as typed
    assert out == (0, f"-m {module} --config=vdn with x=a b job=1 numba=3 gpu=5\n")


def test_a_training_that_waits_for_a_gpu_has_its_mark_already(tmp_path):
    """`make reproduce` finds it by the mark when its Snakemake was killed."""
    path = programs(tmp_path, **{"gpu-slot": "echo mark=$PYMARL_PIPELINE_JOB"})
    assert call("run-training", "--threads", "1", "with", cwd=tmp_path, PATH=path) == (
        0,
        "mark=1\n",
    )


def test_a_training_without_threads_is_a_mistake(tmp_path):
    code, out = call("run-training", "--config=vdn", "with", cwd=tmp_path)
    assert code == 2
    assert "usage: run-training --threads N" in out


@pytest.mark.parametrize("module", [TRAINER, SCRATCH_TRAINER])
def test_the_modules_that_a_training_starts_exist(module):
    folder = ROOT.joinpath(*module.split("."))
    assert (folder / "__main__.py").is_file() or folder.with_suffix(".py").is_file()


def gpu_slot(folder, command, **env):
    return subprocess.Popen(
        [str(SCRIPTS / "gpu-slot"), "sh", "-c", command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **env},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_no_more_runs_than_slots_and_each_gpu_its_share(tmp_path):
    # Each run notes who is there with it: a file for itself, a list of all. The list is written
    # at once, so that the lines of two runs do not run into each other.
    command = (
        "touch here.$$.$CUDA_VISIBLE_DEVICES; "
        "printf '%s\\n' \"$(ls here.* | tr '\\n' ' ')\" >> seen; "
        "sleep 0.3; rm here.$$.*; echo $CUDA_VISIBLE_DEVICES"
    )
    runs = [gpu_slot(tmp_path, command, PYMARL_GPU_SLOTS="0,0,1") for _ in range(7)]
    gpus = [run.communicate(timeout=60)[0].strip() for run in runs]
    assert set(gpus) == {"0", "1"}
    for line in (tmp_path / "seen").read_text().splitlines():
        present = [name.rsplit(".", 1)[1] for name in line.split()]
        assert present.count("0") <= 2
        assert present.count("1") <= 1


def test_a_slot_is_free_again_however_its_run_ends(tmp_path):
    first = gpu_slot(tmp_path, "echo in; exec sleep 60", PYMARL_GPU_SLOTS="5")
    assert first.stdout.readline() == "in\n"
    second = gpu_slot(tmp_path, "echo $CUDA_VISIBLE_DEVICES", PYMARL_GPU_SLOTS="5")
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=1)
    first.kill()
    first.communicate()
    assert second.communicate(timeout=30)[0] == "5\n"


@pytest.mark.parametrize("env", [{}, {"PYMARL_GPU_SLOTS": "0", "SLURM_JOB_ID": "7"}])
def test_without_slots_or_under_slurm_nothing_is_chosen(tmp_path, env):
    run = gpu_slot(tmp_path, "echo $CUDA_VISIBLE_DEVICES", CUDA_VISIBLE_DEVICES="3", **env)
    assert run.communicate(timeout=30)[0] == "3\n"


def in_docker(folder, script, **env):
    """Run in-docker with a fake docker; return its exit code and what it printed."""
    path = programs(folder, docker=script)
    return call("in-docker", "some:image", "python", "-I", cwd=folder, PATH=path, **env)


def test_an_image_that_was_removed_is_not_looked_for_on_the_internet(tmp_path):
    code, said = in_docker(tmp_path, '[ "$1" != image ] || exit 1; echo ran "$@"')
    assert code == 1
    assert "no image some:image at the daemon" in said
    assert "ran" not in said.splitlines()[0].split()


def test_a_container_gets_thread_settings_and_nothing_else_of_the_environment(tmp_path):
    code, said = in_docker(tmp_path, 'echo "$@"', OMP_NUM_THREADS="1", LAB_TOKEN="hidden")
    assert code == 0
    arguments = said.splitlines()[-1].split()
    passed = [arguments[i + 1] for i, argument in enumerate(arguments) if argument == "-e"]
    assert passed == [
        "HOME=/tmp", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
        "NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "PYMARL_PIPELINE_JOB",
    ]  # fmt: skip  # a list of names
    assert "hidden" not in said
    assert "--network none" in said
    assert f"--user {os.getuid()}:{os.getgid()}" in said
    assert "--gpus" not in said
