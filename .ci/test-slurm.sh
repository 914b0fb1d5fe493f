#!/usr/bin/env bash
# Bring up Slurm, run the tests that need it, take it down again.
set -euo pipefail
cd "$(dirname "$0")/.."
state=$(mktemp -d /var/tmp/pymarl-slurm.XXXXXX)
trap 'bash .ci/slurm.sh down "$state"' EXIT
bash .ci/slurm.sh up "$state"
make test JOBS=0 ARGS="-m 'slurm and not slow' tests/slurm $*"
