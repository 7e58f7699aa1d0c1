# Sourced by scripts/serve, test, build and lab: makes .venv and keeps it up to date.
# POSIX sh. Sets $root (the repository), $python (the environment's interpreter) and PATH.

say() { printf '%s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
cd -- "$root" || exit 1
environment=$root/.venv
python=$environment/bin/python
stamp=$environment/.set-up
log=$environment/set-up.log
lock=$root/.bookcache/set-up.lock

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Prints the first interpreter that is new enough.
find_python() {
    for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
        candidate=$(command -v "$name" 2>/dev/null) || continue
        if new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

# What the environment was made from: equal text means that nothing has to be done.
wanted() {
    printf '%s\n' "$root"
    cat -- pyproject.toml requirements.txt | cksum
}

# `dev` is part of `peers`, so an environment with the peers serves for both.
up_to_date() {
    [ -x "$python" ] && [ -f "$stamp" ] || return 1
    made=$(cat -- "$stamp")
    want=$(wanted)
    [ "$made" = "$want
peers" ] || [ "$made" = "$want
$1" ]
}

no_space() {
    fail "no disk space: $(free_megabytes) MB are free under $root," \
        "about 6000 are needed (2000 with the CPU build of torch, see README.md)"
}

# Says in one line why pip failed, from its log.
explain() {
    if grep -q -i -E 'no space left on device|disk quota exceeded|ENOSPC' "$log" 2>/dev/null ||
        [ "$(free_megabytes)" -lt 100 ]; then
        no_space
    fi
    offline='name resolution|name or service not known|getaddrinfo|network is unreachable'
    offline="$offline|connection refused|newconnectionerror|connecttimeout|proxyerror"
    offline="$offline|failed to establish a new connection|no route to host"
    if grep -q -i -E "$offline" "$log" 2>/dev/null; then
        fail "no network: pip could not reach its package index (details: .venv/set-up.log)"
    fi
    for words in 'read-only file system|permission denied' 'error:'; do
        line=$(grep -i -E "$words" "$log" 2>/dev/null | tail -n 1 | sed 's/^[^ ]* *//')
        [ -z "$line" ] || fail "pip failed: $line (details: .venv/set-up.log)"
    done
    fail "pip failed (details: .venv/set-up.log)"
}

free_megabytes() {
    df -Pk -- "$root" 2>/dev/null |
        awk 'NR == 2 { print int($4 / 1024); known = 1 } END { if (!known) print 999999 }'
}

# One set-up at a time: a second one waits for the first.
take_lock() {
    told=''
    mkdir -p -- "$root/.bookcache" 2>/dev/null || fail "$root cannot be written"
    until mkdir -- "$lock" 2>/dev/null; do
        owner=$(cat -- "$lock/pid" 2>/dev/null || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf -- "$lock"
            continue
        fi
        [ -d "$lock" ] || [ -w "$root/.bookcache" ] || fail "$root/.bookcache cannot be written"
        [ -n "$told" ] || say "Waiting for another set-up of this environment (process ${owner:-unknown}) ..."
        told=yes
        sleep 1
    done
    printf '%s\n' "$$" >"$lock/pid"
    trap 'rm -rf -- "$lock"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

drop_lock() {
    rm -rf -- "$lock"
    trap - EXIT INT TERM HUP
}

make_environment() {
    base=$(find_python) ||
        fail "Python 3.11 or newer is needed and none was found; install it, for example" \
            "from python.org or with the system's package manager"
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$base" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
        fail "$base has no venv module; on Debian and Ubuntu: apt-get install python$version-venv"
    [ "$(free_megabytes)" -ge 1500 ] || no_space
    if [ -d "$environment" ]; then
        say "The Python of .venv is gone or older than 3.11: making it anew"
    fi
    say "Making .venv with Python $version ($base)"
    if ! problem=$("$base" -m venv --clear -- "$environment" 2>&1); then
        [ "$(free_megabytes)" -ge 100 ] || no_space
        fail "the environment could not be made: $(printf '%s\n' "$problem" | tail -n 1)"
    fi
}

# set_up EXTRA: the environment holds the packages of requirements.txt and this repository.
set_up() {
    if ! up_to_date "$1"; then
        take_lock
        if ! up_to_date "$1"; then
            new_enough "$python" || make_environment
            "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null 2>&1 ||
                fail "$python has no pip and cannot make one: remove .venv and try again"
            extra=$1
            [ ! -f "$stamp" ] || [ "$(tail -n 1 "$stamp")" != peers ] || extra=peers
            say "Installing what requirements.txt names into .venv (the first time this takes minutes:"
            say "torch is large; README.md says how a machine without a GPU gets the small CPU build)"
            rm -f -- "$stamp" "$log"
            # As constraints too, or pip first fetches the newest torch before it reads the pin.
            "$python" -m pip --disable-pip-version-check --log "$log" install \
                -c requirements.txt -e ".[$extra]" || explain
            { wanted && say "$extra"; } >"$stamp.new" && mv -- "$stamp.new" "$stamp" ||
                fail "$stamp cannot be written"
        fi
        drop_lock
    fi
    PATH=$environment/bin:$PATH
    NO_MKDOCS_2_WARNING=1
    export PATH NO_MKDOCS_2_WARNING
}
