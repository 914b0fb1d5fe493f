#!/usr/bin/env bash
# dockerd, apptainer and a local base image on a Debian 12 machine without an image registry.
# usage: containers.sh up | down | packages
# `up` prints the path of a file to source: DOCKER_HOST, BASE_IMAGE, APPTAINER_*. Needs root. Safe to call again.
set -euo pipefail
state=${CONTAINER_STATE:-/var/tmp/container-ci}
socket=$state/docker.sock
base=local/smac-base:bookworm-py311
packages=(docker.io iptables mmdebstrap squashfs-tools patchelf uidmap ca-certificates
    containernetworking-plugins libseccomp2 libsqlite3-0)
log_line() { echo "[containers $(date +%T)] $*" >&2; }

if [ "${1:-up}" = down ]; then
    [ -f "$state/dockerd.pid" ] && kill "$(cat "$state/dockerd.pid")" 2>/dev/null || true
    exit 0
elif [ "${1:-up}" = packages ]; then
    echo "${packages[@]}"
    exit 0
fi
mkdir -p "$state"/{tmp,cache}
export DEBIAN_FRONTEND=noninteractive

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    log_line "apt: ${missing[*]}"
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$state/apt.log" 2>&1 ||
        { tail -n 20 "$state/apt.log" >&2; return 1; }
}

# Debian 12 has no apptainer and sid's is built for a newer libc: it is repacked with sid's own libc in a private
# folder (DT_RPATH, which LD_LIBRARY_PATH cannot override). The machine's own libc and sources stay as they are.
install_apptainer() {
    apptainer --version >/dev/null 2>&1 && return 0
    log_line "apptainer from Debian sid"
    local root=$state/sid private=/usr/lib/apptainer-private site libraries=/usr/lib/x86_64-linux-gnu file
    rm -rf "$root"
    mkdir -p "$root"/{lists/partial,cache/archives/partial,etc,deb,package}
    find_site() { apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1; }
    [ -n "$(find_site)" ] || apt-get update -qq >&2
    site=$(find_site)
    printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: %s\n' "$site" \
        /usr/share/keyrings/debian-archive-keyring.gpg >"$root/etc/sid.sources"
    cat >"$root/apt.conf" <<CONF
Dir::State::Lists "$root/lists"; Dir::Cache "$root/cache"; Dir::State::status "/dev/null";
Dir::Etc::SourceList "/dev/null"; Dir::Etc::SourceParts "$root/etc"; APT::Sandbox::User "root";
CONF
    APT_CONFIG=$root/apt.conf apt-get update -qq >&2
    (cd "$root/deb" && APT_CONFIG=$root/apt.conf apt-get download -qq apptainer libc6 libseccomp2 libsqlite3-0 >&2)
    dpkg-deb -R "$root"/deb/apptainer_*.deb "$root/package"
    mkdir -p "$root/package$private"
    for file in "$root"/deb/lib*.deb; do dpkg-deb -x "$file" "$root/lib"; done
    for file in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 libresolv.so.2 \
        libseccomp.so.2 libsqlite3.so.0; do
        cp -L "$root/lib$libraries/$file" "$root/package$private/"
    done
    for file in usr/bin/apptainer "usr/lib/x86_64-linux-gnu/apptainer/bin/starter"; do
        patchelf --force-rpath --set-interpreter "$private/ld-linux-x86-64.so.2" \
            --set-rpath "$private:$libraries" "$root/package/$file"
    done
    sed -i -E -e 's/(libc6|libseccomp2|libsqlite3-0) \([^)]*\)/\1/g' -e 's/^(Version: .*)$/\1+private1/' \
        -e '/^(Static-)?Built-Using:/d' "$root/package/DEBIAN/control"
    dpkg-deb --root-owner-group -Zgzip -z1 -b "$root/package" "$root/apptainer.deb" >/dev/null
    apt-get install -y -qq --no-install-recommends "$root/apptainer.deb" >>"$state/apt.log" 2>&1 ||
        { tail -n 20 "$state/apt.log" >&2; return 1; }
    rm -rf "$root"
}

start_dockerd() {
    docker -H "unix://$socket" info >/dev/null 2>&1 && return 0
    log_line "dockerd"
    setsid nohup dockerd --data-root "$state/docker" --exec-root /run/container-ci -H "unix://$socket" \
        -p "$state/dockerd.pid" >"$state/dockerd.log" 2>&1 </dev/null &
    for _ in $(seq 60); do
        docker -H "unix://$socket" info >/dev/null 2>&1 && return 0
        sleep 0.5
    done
    tail -n 20 "$state/dockerd.log" >&2
    return 1
}

# The image that stands in for the CUDA base: Debian with Python, and this machine's extra certificate authorities,
# without which pip's TLS fails inside.
make_base_image() {
    docker -H "unix://$socket" image inspect "$base" >/dev/null 2>&1 && return 0
    log_line "base image $base"
    local sources=/etc/apt/sources.list
    [ -e /etc/apt/sources.list.d/debian.sources ] && sources=/etc/apt/sources.list.d/debian.sources
    mmdebstrap -q --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --customize-hook='mkdir -p "$1/usr/local/share/ca-certificates"; cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2>/dev/null || true; chroot "$1" update-ca-certificates >/dev/null 2>&1' \
        bookworm - "$sources" 2>"$state/mmdebstrap.log" |
        docker -H "unix://$socket" import --change 'ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt' - "$base" >/dev/null ||
        { tail -n 20 "$state/mmdebstrap.log" >&2; return 1; }
}

install_packages
install_apptainer
log_line "$(apptainer --version)"
start_dockerd
make_base_image
{
    echo "export DOCKER_HOST=unix://$socket BASE_IMAGE=$base"
    echo "export APPTAINER_TMPDIR=$state/tmp APPTAINER_CACHEDIR=$state/cache"
    # Root without CAP_SYS_RESOURCE (bit 24), as in some sandboxes: apptainer must not ask for it.
    capabilities=$(awk '/^CapEff/{print $2}' /proc/self/status)
    (((16#$capabilities >> 24) & 1)) || echo "export APPTAINER_DROP_CAPS=CAP_SYS_RESOURCE"
} >"$state/env.sh"
log_line ready
echo "$state/env.sh"
