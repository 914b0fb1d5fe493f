#!/bin/sh
# Install StarCraft II and the SMAC maps into a folder; with SC2=none leave it empty.
#
# usage: SC2=none|4.10|4.6.2.69232 ACCEPT_BLIZZARD_EULA=yes install-sc2.sh PINS FOLDER
# SC2_MIRROR: see fetch.sh.
set -eu
pins=${1:?usage: install-sc2.sh PINS FOLDER}
folder=${2:?usage: install-sc2.sh PINS FOLDER}
sc2=${SC2:-none}
here=$(dirname "$0")

die() {
    echo "install-sc2: $*" >&2
    exit 1
}

file_of() { sed -n "s,^$1_URL=.*/,,p" "$pins"; }

mkdir -p "$folder"
[ "$sc2" != none ] || exit 0

name=SC2_$(echo "$sc2" | tr . _)
[ -n "$(file_of "$name")" ] || die "no StarCraft II version '$sc2' in pins.env; known:" \
    "$(sed -n 's/^SC2_\([0-9_]*\)_URL=.*/\1/p' "$pins" | tr _ . | tr '\n' ' ')"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The small file first: its missing sum is found before gigabytes have come.
sh "$here/fetch.sh" "$pins" "$work" SMAC_MAPS "$name"

# The archive's password is Blizzard's way to record the acceptance that was given above.
unzip -q -P iagreetotheeula "$work/$(file_of "$name")" -d "$work/sc2" || die "cannot unpack $(file_of "$name")"
rm "$work/$(file_of "$name")"
# The folder itself, with its hidden files.
rmdir "$folder" || die "$folder is not empty"
mv "$work/sc2/StarCraftII" "$folder"
mkdir -p "$folder/Maps"
unzip -q -o "$work/$(file_of SMAC_MAPS)" -d "$folder/Maps" || die "cannot unpack SMAC_Maps.zip"
[ -d "$folder/Maps/SMAC_Maps" ] || die "SMAC_Maps.zip holds no SMAC_Maps folder"
# The image's user is not the one that builds it.
chmod -R a+rX "$folder"
echo "install-sc2: StarCraft II $sc2 and $(ls "$folder/Maps/SMAC_Maps" | wc -l) maps in $folder"
