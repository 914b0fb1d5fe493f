#!/bin/sh
# Bring pinned commits of git repositories into a folder, each as one file, NAME-COMMIT.bundle; a bundle that is there
# already is used and nothing is fetched.
#
# usage: fetch-git.sh PINS FOLDER NAME...       NAME: SMAC, SMACV2 (see pins.env)
#        fetch-git.sh --into TREE PINS FOLDER NAME      and lay the commit's files out in the new folder TREE
#
# A commit's id is a sum over all its files and its history: git refuses objects that do not fit their ids, and this
# script a repository that does not hold the commit. No other checksum is needed.
# SC2_MIRROR=http://host:port  takes the bundles from there instead of from the repositories (see fetch.sh).
set -eu
usage() {
    echo "usage: fetch-git.sh [--into TREE] PINS FOLDER NAME..." >&2
    exit 2
}
tree=
if [ "${1:-}" = --into ]; then
    tree=${2:?usage: fetch-git.sh --into TREE PINS FOLDER NAME}
    shift 2
fi
[ $# -ge 3 ] || usage
[ -z "$tree" ] || [ $# -eq 3 ] || usage
pins=$1
folder=$2
shift 2

die() {
    echo "fetch-git: $*" >&2
    exit 1
}

pin() { sed -n "s/^$1=//p" "$pins"; }
# Addresses may carry a password; these lines end in logs.
shown() { echo "$1" | sed 's,://[^/@]*@,://***@,'; }

for name in "$@"; do
    [ -n "$(pin "${name}_GIT")" ] || die "'$name' is no git repository in $pins; known:" \
        "$(sed -n 's/^\([A-Z0-9_]*\)_GIT=.*/\1/p' "$pins" | tr '\n' ' ')"
    pin "${name}_COMMIT" | grep -Eqx '[0-9a-f]{40}' ||
        die "${name}_COMMIT in $pins must be a whole commit id of 40 hexadecimal digits"
done

# Nobody's settings (hooks, aliases, other protocols, a password prompt) have a say in it.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder"

# unpack FILE COMMIT REPOSITORY: a bundle into a bare repository, every object checked against its id.
unpack() {
    git init --quiet --bare "$3"
    git -C "$3" -c fetch.fsckObjects=true fetch --quiet --no-tags "$1" "refs/heads/pinned:refs/heads/pinned" \
        2>"$work/said" || die "$(basename "$1") is damaged: $(tail -n 1 "$work/said")"
    held=$(git -C "$3" rev-parse refs/heads/pinned)
    [ "$held" = "$2" ] ||
        die "$(basename "$1") holds commit $held, expected $2. Delete it and fetch it again; nothing was installed"
}

for name in "$@"; do
    url=$(pin "${name}_GIT")
    commit=$(pin "${name}_COMMIT")
    bundle=$(echo "$name" | tr A-Z a-z)-$commit.bundle
    if [ ! -f "$folder/$bundle" ]; then
        if [ -n "${SC2_MIRROR:-}" ]; then
            address=${SC2_MIRROR%/}/$bundle
            echo "fetch-git: downloading $(shown "$address")"
            curl -fsSL --retry 3 -o "$work/$bundle" "$address" || die "cannot download $bundle from the mirror"
        else
            echo "fetch-git: fetching commit $commit of $(shown "$url")"
            git clone --quiet --bare --no-tags "$url" "$work/$name.git" 2>"$work/said" ||
                die "cannot fetch $(shown "$url"): $(tail -n 1 "$work/said")"
            git -C "$work/$name.git" cat-file -e "$commit^{commit}" 2>/dev/null ||
                die "$(shown "$url") holds no commit $commit (the pin ${name}_COMMIT). Its history was changed, or the" \
                    "address is another repository's; nothing was installed"
            git -C "$work/$name.git" update-ref refs/heads/pinned "$commit"
            git -C "$work/$name.git" bundle create --quiet "$work/$bundle" refs/heads/pinned 2>"$work/said" ||
                die "$(shown "$url") is incomplete: $(tail -n 1 "$work/said")"
        fi
        unpack "$work/$bundle" "$commit" "$work/check.git"
        rm -rf "$work/check.git"
        mv "$work/$bundle" "$folder/$bundle"
    fi
    unpack "$folder/$bundle" "$commit" "$work/$name-checked.git"
    if [ -n "$tree" ]; then
        mkdir "$tree" || die "$tree is there already"
        git -C "$work/$name-checked.git" archive "$commit" | tar -x -C "$tree"
    fi
done
