#!/bin/sh
# Compile the three lock files from pyproject.toml. Versions already locked stay; LOCK_FLAGS=--upgrade renews them.
#   requirements.lock         what `make setup` installs (all but torch)
#   requirements-dev.lock     the same versions plus the test tools (`make test`)
#   docker/requirements.lock  what training and analysis need: what the container image holds
# They are complete and are installed with --no-deps: pysc2 asks for packages that must not come (see pyproject.toml).
# usage: lock.sh PYTHON      (a Python with uv installed)
set -eu
cd "$(dirname "$0")/../.."
python=${1:?usage: lock.sh PYTHON}

compile() {
    out=$1
    shift
    # torch comes from the flavour's own index before the lock is installed, never from the lock.
    # shellcheck disable=SC2086  # LOCK_FLAGS is a list of options
    "$python" -m uv pip compile pyproject.toml "$@" ${LOCK_FLAGS:-} --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-package torch --group torch-runtime --group build --group pysc2 \
        --custom-compile-command "make lock" -o "$out"
    if grep -qiE '^(torch|triton|nvidia-|cuda-)' "$out"; then
        echo "lock.sh: $out would install torch or CUDA packages; see [tool.uv] in pyproject.toml" >&2
        exit 1
    fi
    echo "locked $(grep -c '^[a-zA-Z0-9]' "$out") packages in $out"
}

compile requirements.lock --extra sc2 --extra workflow --extra docker --extra slurm
compile requirements-dev.lock -c requirements.lock --extra sc2 --extra workflow --extra docker --extra slurm --extra dev
compile docker/requirements.lock -c requirements.lock --extra sc2 --extra analysis
