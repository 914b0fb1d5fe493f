#!/bin/sh
# Download pinned files into a folder and check them; files that are there already are checked and not fetched again.
#
# usage: fetch.sh PINS FOLDER NAME...       NAME: SC2_4_10, SC2_4_6_2_69232 (see pins.env)
#        fetch.sh --check PINS NAME...      only say what is wrong with the request
#
# All sums that are missing in PINS are shown at the end, as lines to paste. By hand, to learn them before a build:
#   ACCEPT_BLIZZARD_EULA=yes sh docker/fetch.sh docker/pins.env /tmp/sc2 SC2_4_10
# The folder, with the bundles of fetch-git.sh, can then serve the build: python3 -m http.server --directory /tmp/sc2,
# and build with SC2_MIRROR.
# SC2_MIRROR=http://host:port  takes the files' names from there instead of from their own servers; sums still hold.
set -eu
usage() {
    echo "usage: fetch.sh PINS FOLDER NAME... | fetch.sh --check PINS NAME..." >&2
    exit 2
}
folder=
if [ "${1:-}" = --check ]; then
    [ $# -ge 3 ] || usage
    pins=$2
else
    [ $# -ge 3 ] || usage
    pins=$1
    folder=$2
fi
shift 2

die() {
    echo "fetch: $*" >&2
    exit 1
}

pin() { sed -n "s/^$1=//p" "$pins"; }

# What is wrong with the request comes before hours of downloading.
for name in "$@"; do
    [ -n "$(pin "${name}_URL")" ] || die "'$name' is not in $pins; known:" \
        "$(sed -n 's/^\([A-Z0-9_]*\)_URL=.*/\1/p' "$pins" | tr '\n' ' ')"
    case $name in
        SC2_*) [ "${ACCEPT_BLIZZARD_EULA:-}" = yes ] ||
            die "$name is StarCraft II. Read Blizzard's AI and Machine Learning License" \
                "(https://blzdistsc2-a.akamaihd.net/AI_AND_MACHINE_LEARNING_LICENSE.html)" \
                "and, if you accept it, set ACCEPT_BLIZZARD_EULA=yes" ;;
    esac
done

[ -n "$folder" ] || exit 0

mkdir -p "$folder"
missing=
for name in "$@"; do
    url=$(pin "${name}_URL")
    want=$(pin "${name}_SHA256")
    base=${url##*/}
    file=$folder/$base
    if [ ! -f "$file" ]; then
        address=$url
        [ -z "${SC2_MIRROR:-}" ] || address=${SC2_MIRROR%/}/$base
        # Addresses may carry a password; this line ends in logs.
        echo "fetch: downloading $(echo "$address" | sed 's,://[^/@]*@,://***@,')"
        curl -fsSL --retry 3 -o "$file.part" "$address" || die "cannot download $base"
        mv "$file.part" "$file"
    fi
    got=$(sha256sum "$file" | cut -d' ' -f1)
    if [ -z "$want" ]; then
        missing="$missing${name}_SHA256=$got
"
    elif [ "$got" != "$want" ]; then
        die "wrong checksum for $base: expected $want, got $got." \
            "The file was damaged or changed on its way; nothing was installed"
    fi
done
[ -z "$missing" ] || {
    echo "fetch: no checksum is pinned for these files; what arrived has the sums below. Compare them with a source" \
        "you trust, paste the lines into docker/pins.env in place of the empty ones, and try again:" >&2
    printf %s "$missing" >&2
    exit 1
}
