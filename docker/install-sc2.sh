#!/bin/sh
# Install StarCraft II with the maps of SMAC and SMACv2 into a folder; with SC2=none leave it empty.
#
# usage: SC2=none|4.10|4.6.2.69232 ACCEPT_BLIZZARD_EULA=yes install-sc2.sh PINS FOLDER
# SC2_MIRROR: see fetch.sh. The maps' sums: smac_maps.sha256 beside PINS.
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
sh "$here/fetch.sh" --check "$pins" "$name"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The small ones first: what is wrong with the maps is found before gigabytes have come.
maps=$work/SMAC_Maps
mkdir "$maps"
for repository in SMACV2:smacv2 SMAC:smac; do
    tree=$work/${repository#*:}
    sh "$here/fetch-git.sh" --into "$tree" "$pins" "$work/bundles" "${repository%:*}"
    # SMAC's own maps come last: where both hold a map, its is the one whose sum is known.
    cp "$tree/${repository#*:}/env/starcraft2/maps/SMAC_Maps/"*.SC2Map "$maps" || die "${repository%:*} holds no maps"
done
(cd "$maps" && sha256sum --check --quiet --strict -) <"$(dirname "$pins")/smac_maps.sha256" >"$work/said" 2>&1 ||
    die "these maps are missing or not SMAC's (sums: docker/smac_maps.sha256); nothing was installed:" \
        "$(grep -o '^[^:]*\.SC2Map' "$work/said" | sort -u | tr '\n' ' ')"
sh "$here/fetch.sh" "$pins" "$work" "$name"

# The archive's password is Blizzard's way to record the acceptance that was given above.
unzip -q -P iagreetotheeula "$work/$(file_of "$name")" -d "$work/sc2" || die "cannot unpack $(file_of "$name")"
rm "$work/$(file_of "$name")"
# The folder itself, with its hidden files.
rmdir "$folder" || die "$folder is not empty"
mv "$work/sc2/StarCraftII" "$folder"
mkdir -p "$folder/Maps/SMAC_Maps"
cp "$maps"/*.SC2Map "$folder/Maps/SMAC_Maps"
# The image's user is not the one that builds it.
chmod -R a+rX "$folder"
echo "install-sc2: StarCraft II $sc2 and $(ls "$folder/Maps/SMAC_Maps" | wc -l) maps in $folder"
