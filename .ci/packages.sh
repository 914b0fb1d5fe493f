#!/usr/bin/env bash
# Debian/Ubuntu packages that the checks need and that are missing here. Fails when one cannot be installed.
set -euo pipefail
cd "$(dirname "$0")"
# One installation for all: each has its own overhead.
read -ra wanted <<<"git make procps chromium curl zip unzip util-linux $(bash containers.sh packages) $(bash slurm.sh packages)"
missing=()
for package in "${wanted[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    echo "all there: ${wanted[*]}"
    exit 0
fi
echo "installing: ${missing[*]}"
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    exit 1
fi
