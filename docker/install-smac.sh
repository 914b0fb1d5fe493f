#!/bin/sh
# Install SMAC, at its pinned commit, as Python modules into a folder; with SC2=none leave it empty.
#
# usage: SC2=none|4.10|4.6.2.69232 install-smac.sh PINS FOLDER
# What SMAC needs (pysc2 and its protocol) is in requirements.lock. `pip install smac` would be another project.
set -eu
pins=${1:?usage: install-smac.sh PINS FOLDER}
folder=${2:?usage: install-smac.sh PINS FOLDER}
here=$(dirname "$0")

mkdir -p "$folder"
[ "${SC2:-none}" != none ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh "$here/fetch.sh" "$pins" "$work" SMAC
archive=$work/$(sed -n 's,^SMAC_URL=.*/,,p' "$pins")
pip install --quiet --no-cache-dir --disable-pip-version-check --no-deps --no-index --no-build-isolation \
    --target "$folder" "$archive"
[ -f "$folder/smac/env/__init__.py" ] || {
    echo "install-smac: $(basename "$archive") holds no package smac.env" >&2
    exit 1
}
echo "install-smac: SMAC at commit $(sed -n 's/^SMAC_COMMIT=//p' "$pins") in $folder"
