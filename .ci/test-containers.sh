#!/usr/bin/env bash
# Bring up dockerd and apptainer, build the image from the product's Dockerfile and run the tests that need both.
set -euo pipefail
cd "$(dirname "$0")/.."
env_file=$(bash .ci/containers.sh up)
trap 'bash .ci/containers.sh down' EXIT
# shellcheck disable=SC1090
source "$env_file"
# The image takes the CPU build of torch: no gigabytes of CUDA. Where its own index does not answer, pip's must have it.
download=(.venv/bin/python -m pip download --quiet --no-deps --dest wheelhouse "torch==2.13.0")
find wheelhouse -name 'torch-*.whl' | grep -q . ||
    "${download[@]}" --retries 0 --timeout 10 --index-url https://download.pytorch.org/whl/cpu || "${download[@]}" ||
    { echo "test-containers: cannot get torch" >&2; exit 1; }
export PYMARL_MKSQUASHFS_ARGS="-comp zstd -Xcompression-level 1"
# In the order of the files: the tests share one image.
make test JOBS=0 ARGS="-m 'container and not slow' -p no:randomly tests/container $*"
