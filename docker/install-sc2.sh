#!/bin/sh
# Install StarCraft II and the SMAC maps into a folder; with SC2=none leave it empty.
#
# usage: SC2=none|4.10|4.6.2.69232 ACCEPT_BLIZZARD_EULA=yes install-sc2.sh PINS FOLDER
# SC2_MIRROR=http://host:port  takes the archives' file names from there instead (an internal mirror); sums still hold.
set -eu
pins=${1:?usage: install-sc2.sh PINS FOLDER}
folder=${2:?usage: install-sc2.sh PINS FOLDER}
sc2=${SC2:-none}

die() {
    echo "install-sc2: $*" >&2
    exit 1
}

mkdir -p "$folder"
[ "$sc2" != none ] || exit 0

# The licence comes first: nothing of Blizzard's is touched before it.
[ "${ACCEPT_BLIZZARD_EULA:-}" = yes ] ||
    die "SC2=$sc2 downloads StarCraft II. Read Blizzard's AI and Machine Learning License" \
        "(https://blzdistsc2-a.akamaihd.net/AI_AND_MACHINE_LEARNING_LICENSE.html)" \
        "and, if you accept it, build with ACCEPT_BLIZZARD_EULA=yes"

pin() { sed -n "s/^$1=//p" "$pins"; }

name=$(echo "$sc2" | tr . _)
url=$(pin "SC2_${name}_URL")
[ -n "$url" ] || die "no StarCraft II version '$sc2' in pins.env; known:" \
    "$(sed -n 's/^SC2_\([0-9_]*\)_URL=.*/\1/p' "$pins" | tr _ . | tr '\n' ' ')"

# fetch URL SHA256 FILE
fetch() {
    address=$1
    [ -z "${SC2_MIRROR:-}" ] || address=${SC2_MIRROR%/}/${1##*/}
    echo "install-sc2: downloading $address"
    curl -fsSL --retry 3 -o "$3" "$address" || die "cannot download $address"
    got=$(sha256sum "$3" | cut -d' ' -f1)
    [ -n "$2" ] || die "no checksum is pinned for ${1##*/}; what arrived has sha256 $got." \
        "Compare it with a source you trust, write it into docker/pins.env and build again"
    [ "$got" = "$2" ] || die "wrong checksum for ${1##*/}: expected $2, got $got." \
        "The file was damaged or changed on its way; nothing was installed"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch "$url" "$(pin "SC2_${name}_SHA256")" "$work/sc2.zip"
fetch "$(pin SMAC_MAPS_URL)" "$(pin SMAC_MAPS_SHA256)" "$work/maps.zip"

# The archive's password is Blizzard's way to record the acceptance that was given above.
unzip -q -P iagreetotheeula "$work/sc2.zip" -d "$work/sc2" || die "cannot unpack ${url##*/}"
mv "$work"/sc2/StarCraftII/* "$folder"/
mkdir -p "$folder/Maps"
unzip -q "$work/maps.zip" -d "$folder/Maps" || die "cannot unpack SMAC_Maps.zip"
[ -d "$folder/Maps/SMAC_Maps" ] || die "SMAC_Maps.zip holds no SMAC_Maps folder"
echo "install-sc2: StarCraft II $sc2 and $(ls "$folder/Maps/SMAC_Maps" | wc -l) maps in $folder"
