#!/bin/sh
# Install SMAC and SMACv2, at their pinned commits, as Python modules into a folder; with SC2=none leave it empty.
#
# usage: SC2=none|4.10|4.6.2.69232 install-smac.sh PINS FOLDER
# What they need (pysc2 and its protocol) is in requirements.lock. `pip install smac` would be another project.
set -eu
pins=${1:?usage: install-smac.sh PINS FOLDER}
folder=${2:?usage: install-smac.sh PINS FOLDER}
here=$(dirname "$0")

mkdir -p "$folder"
[ "${SC2:-none}" != none ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Both before the first is installed: half of it would look like all of it.
for name in SMAC SMACV2; do
    sh "$here/fetch-git.sh" --into "$work/$name" "$pins" "$work/bundles" "$name"
done
for name in SMAC SMACV2; do
    package=$(echo "$name" | tr A-Z a-z)
    pip install --quiet --no-cache-dir --disable-pip-version-check --no-deps --no-index --no-build-isolation \
        --target "$work/installed" "$work/$name"
    [ -f "$work/installed/$package/env/__init__.py" ] || {
        echo "install-smac: the repository of $name holds no package $package.env" >&2
        exit 1
    }
done
cp -R "$work/installed/." "$folder"
for name in SMAC SMACV2; do
    echo "install-smac: $name at commit $(sed -n "s/^${name}_COMMIT=//p" "$pins") in $folder"
done
