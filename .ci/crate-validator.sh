#!/usr/bin/env bash
# The validator of RO-Crates in an environment of its own (it needs an older rich than the project): build/crate-validator.
# Renew its versions: uv pip compile .ci/crate-validator.in --universal --python-version 3.11 --generate-hashes -o .ci/crate-validator.lock
set -euo pipefail
cd "$(dirname "$0")/.."
folder=build/crate-validator
want=$(sha256sum <.ci/crate-validator.lock)
[ "$(cat "$folder/.lock" 2>/dev/null)" = "$want" ] && exit 0
rm -rf "$folder"
.venv/bin/python -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
    -r .ci/crate-validator.lock
echo "$want" >"$folder/.lock"
