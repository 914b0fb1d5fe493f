#!/usr/bin/env bash
# Bring up Slurm, run the tests that need it, take it down again. SLURM_TESTS='slurm and slow' runs those of minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
state=$(mktemp -d /var/tmp/pymarl-slurm.XXXXXX)
trap 'bash .ci/slurm.sh down "$state"' EXIT
bash .ci/slurm.sh up "$state"
make test JOBS=0 ARGS="-m '${SLURM_TESTS:-slurm and not slow}' tests/slurm"
