#!/bin/sh
# Make the virtual environment ready. Does nothing when its inputs have not changed since it last succeeded.
#
# usage: setup.sh runtime|dev
#   runtime  torch, the hash-locked packages of requirements.lock and this project (editable)
#   dev      the same plus the test tools of requirements-dev.lock
# environment:
#   TORCH    auto (default: cuda where an NVIDIA GPU is seen, else cpu) | cpu | cuda
#   PYTHON   the interpreter to build on (default: the newest of python3.13 ... python3.11, python3)
#   VENV     the environment's folder (default: .venv)
set -eu
cd "$(dirname "$0")/../.."

variant=${1:-runtime}
venv=${VENV:-.venv}
torch_version=2.13.0
torch_index=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
log=$venv/setup.log

log_line() { echo "[setup] $*"; }
die() {
    echo "[setup] ERROR: $1" >&2
    shift
    for line in "$@"; do echo "[setup]        $line" >&2; done
    exit 1
}

case $variant in
    runtime) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) die "setup.sh takes 'runtime' or 'dev', not '$variant'" ;;
esac

has_nvidia_gpu() {
    [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }
}

flavour=${TORCH:-auto}
case $flavour in
    auto) if has_nvidia_gpu; then flavour=cuda; else flavour=cpu; fi ;;
    cpu | cuda) ;;
    *) die "TORCH=$flavour is not a torch build; choose TORCH=cpu or TORCH=cuda" ;;
esac

# 1. An interpreter ------------------------------------------------------------------------------------------------
python_ok() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if command -v "$candidate" >/dev/null && python_ok "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    die "no Python 3.11 or newer found (looked for: ${PYTHON:-python3.13 python3.12 python3.11 python3})" \
        "Debian 12+, Ubuntu 24.04+:  sudo apt-get install -y python3 python3-venv" \
        "elsewhere: install one, then  make setup PYTHON=/path/to/python3.11"
}

# 2. Was the checkout moved? ---------------------------------------------------------------------------------------
# The programs in .venv/bin begin with the path of its Python: after a move they would not start, or start the Python
# of another checkout.
made_at() {
    sed -n "s/^[[:space:]]*\(export \)\{0,1\}VIRTUAL_ENV=//p" "$venv/bin/activate" 2>/dev/null | tr -d "\"'" | grep '^/' || true
}

old=$(made_at | head -n 1)
if [ -x "$venv/bin/python" ] && [ -n "$old" ] && ! [ "$old" -ef "$venv" ]; then
    log_line "$venv was made at $old: this checkout was moved or copied"
    rm -f "$venv"/.setup-*
    now=$(cd "$venv" && pwd -P)
    # The first line of a program has a limited length: pip gives programs of a longer path another form.
    if [ ${#now} -lt 110 ] && renewed=$("$venv/bin/python" workflow/scripts/renew_paths.py "$old" "$now"); then
        log_line "its paths are those of this folder again: $renewed"
    else
        log_line "making it anew"
        rm -f "$venv/bin/python"
    fi
fi

# 3. Has anything changed? -----------------------------------------------------------------------------------------
fingerprint() {
    {
        echo "$flavour $torch_version"
        cat pyproject.toml "$1" workflow/scripts/setup.sh
        pwd -P
    } | sha256sum | cut -d' ' -f1
}

stamp=$venv/.setup-$variant
want=$(fingerprint "$lock")
if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    exit 0
fi
# The development environment holds everything that the runtime one does.
if [ "$variant" = runtime ] && [ -x "$venv/bin/python" ] &&
    [ "$(cat "$venv/.setup-dev" 2>/dev/null)" = "$(fingerprint requirements-dev.lock)" ]; then
    exit 0
fi

# 4. The environment -----------------------------------------------------------------------------------------------
if ! { [ -x "$venv/bin/python" ] && python_ok "$venv/bin/python"; }; then
    python=$(find_python)
    log_line "creating $venv with $("$python" --version) ($python)"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        die "$python has no venv module" "Debian, Ubuntu:  sudo apt-get install -y python$version-venv"
    fi
    "$python" -m venv --clear "$venv" || die "cannot create $venv with $python" "is the disk full? df -h ."
fi
rm -f "$venv"/.setup-*
pip="$venv/bin/python -m pip --disable-pip-version-check --no-input"
: >"$log"

# A step writes to the log; when it fails, the log's end and the step's name are shown and the set-up stops.
step() {
    title=$1
    shift
    log_line "$title"
    started=$(date +%s)
    if ! "$@" >>"$log" 2>&1; then
        tail -n 25 "$log" >&2
        die "this step failed: $title" "its whole output: $log" "then try again: make setup"
    fi
    log_line "  done in $(($(date +%s) - started)) s"
}

# 5. torch, in the flavour asked for ---------------------------------------------------------------------------------
installed_torch() { "$venv/bin/python" -c 'from importlib.metadata import version; print(version("torch"))' 2>/dev/null || true; }

torch_fits() {
    case "$flavour $(installed_torch)" in
        "cpu $torch_version+cpu" | "cuda $torch_version" | "cuda $torch_version+cu"*) return 0 ;;
    esac
    # An index without a CPU build gave us the plain one: it runs on the CPU as well.
    [ "$(cat "$venv/.torch-$flavour" 2>/dev/null)" = "$(installed_torch)" ] && [ -n "$(installed_torch)" ]
}

index_answers() {
    "$venv/bin/python" - "$torch_index" <<'PY' >/dev/null 2>&1
import sys, urllib.request
urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/torch/", method="HEAD"), timeout=5)
PY
}

if torch_fits; then
    log_line "torch $(installed_torch) is there"
else
    [ -z "$(installed_torch)" ] || step "removing torch $(installed_torch)" $pip uninstall -y torch
    if [ "$flavour" = cpu ] && index_answers; then
        step "installing torch $torch_version (CPU build, about 200 MB)" \
            $pip install "torch==$torch_version" --index-url "$torch_index"
    elif [ "$flavour" = cpu ]; then
        log_line "$torch_index does not answer: taking torch from pip's default index (it may be the CUDA build, several GB)"
        step "installing torch $torch_version" $pip install "torch==$torch_version"
    else
        step "installing torch $torch_version (CUDA build, several GB)" $pip install "torch==$torch_version"
    fi
    installed_torch >"$venv/.torch-$flavour"
fi

# 6. Everything else, with hashes ------------------------------------------------------------------------------------
# Only pysc2 may miss packages: it is installed without its dependencies on purpose (see pyproject.toml).
fit_together() {
    report=$($pip check) || [ -n "$report" ] || return 1
    ! echo "$report" | grep -v -e '^pysc2 4\.0\.0 ' -e '^No broken requirements'
}

# The lock is complete, and --no-deps keeps pip from adding what pysc2 asks for.
step "installing the packages of $lock" $pip install --no-deps --require-hashes -r "$lock"
step "installing this project (editable)" $pip install --no-deps --no-build-isolation --no-index -e .
[ "$(installed_torch)" != "" ] || die "torch vanished while installing $lock" "see $log"
step "checking that the packages fit together" fit_together
# Importing once compiles the bytecode, and finds a broken install here rather than in the first job.
step "importing torch and snakemake" "$venv/bin/python" -c 'import torch, snakemake, sacred, pandas'

echo "$want" >"$stamp"
log_line "ready: $("$venv/bin/python" --version), torch $(installed_torch), in $venv"
