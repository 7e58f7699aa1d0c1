# Sourced by the commands in scripts/: makes .venv and keeps it up to date.
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
log=$root/.bookcache/set-up.log
lock=$root/.bookcache/set-up.lock

# As `requires-python` in pyproject.toml: the pins have no wheels for other versions.
supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

# Prints the first interpreter that can be used; BOOK_PYTHON names the only one to try.
find_python() {
    for name in "${BOOK_PYTHON:-python3}" python python3.14 python3.13 python3.12 python3.11; do
        if candidate=$(command -v "$name" 2>/dev/null) && supported "$candidate"; then
            say "$candidate"
            return 0
        fi
        [ -z "${BOOK_PYTHON:-}" ] || return 1
    done
    return 1
}

# What an environment of level $1 is made from: equal text means that nothing has to be done.
wanted() {
    say "$1 $root"
    cat -- pyproject.toml requirements.txt | cksum
}

up_to_date() {
    [ -x "$python" ] && [ -f "$stamp" ] || return 1
    made=$(cat -- "$stamp")
    [ "$made" = "$(wanted "$1")" ] || [ "$made" = "$(wanted everything)" ]
}

free_megabytes() {
    df -Pk -- "$root" 2>/dev/null |
        awk 'NR == 2 { print int($4 / 1024); known = 1 } END { if (!known) print 999999 }'
}

no_space() {
    need='about 6000 are needed (2000 with the CPU build of torch, see README.md)'
    [ "$level" = everything ] || need='about 600 are needed'
    fail "no disk space: $(free_megabytes) MB are free under $root, $need"
}

# Says in one line why the installer failed, from its log.
explain() {
    if grep -q -i -E 'no space left on device|disk quota exceeded|ENOSPC' "$log" ||
        [ "$(free_megabytes)" -lt 100 ]; then
        no_space
    fi
    details='(details: .bookcache/set-up.log)'
    offline='name resolution|name or service not known|getaddrinfo|network is unreachable'
    offline="$offline|dns error|client error \(connect\)|network was disabled|no route to host"
    offline="$offline|connection refused|newconnectionerror|connecttimeout|proxyerror"
    if grep -q -i -E "$offline" "$log"; then
        fail "no network: the package index could not be reached $details"
    fi
    for words in 'read-only file system|permission denied' '^ *cause:' 'error:'; do
        line=$(grep -i -E "$words" "$log" | tail -n 1 | sed 's/^ *[a-zA-Z]*: *//')
        [ -z "$line" ] || fail "the packages could not be installed: $line $details"
    done
    fail "the packages could not be installed $details"
}

# One set-up at a time: a second one waits for the first.
take_lock() {
    waits=''
    mkdir -p -- "$root/.bookcache" 2>/dev/null || fail "$root cannot be written"
    until mkdir -- "$lock" 2>/dev/null; do
        owner=$(cat -- "$lock/pid" 2>/dev/null || true)
        # Whoever was killed, or found no space, between the folder and its number left it empty.
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null || [ "$waits$owner" = xxxxx ]; then
            rm -rf -- "$lock"
            waits=''
            continue
        fi
        [ -d "$lock" ] || [ -w "$root/.bookcache" ] || fail "$root/.bookcache cannot be written"
        [ -n "$waits" ] || say "Waiting for another set-up of this environment (process ${owner:-unknown};" \
            "if that is none, remove .bookcache/set-up.lock) ..."
        [ "$waits" = xxxxx ] || waits=x$waits
        sleep 1
    done
    trap 'rm -rf -- "$lock"' EXIT
    printf '%s\n' "$$" >"$lock/pid" || fail "$lock cannot be written"
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# Sets $uv: the installer of seconds, if it can be had. pip, which takes minutes, serves as well.
find_uv() {
    for uv in uv "$environment/bin/uv" ''; do
        [ -z "$uv" ] || ! "$uv" --version >/dev/null 2>&1 || return 0
    done
}

make_environment() {
    if ! base=$(find_python); then
        [ -z "${BOOK_PYTHON:-}" ] || fail "BOOK_PYTHON=$BOOK_PYTHON is no Python 3.11 to 3.14"
        fail "Python 3.11 to 3.14 is needed and none was found; install one, for example from" \
            "python.org or with the system's package manager"
    fi
    version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    [ "$(free_megabytes)" -ge 600 ] || no_space
    if [ -n "$uv" ]; then
        set -- "$uv" venv -q --clear --python "$base"
    else
        set -- "$base" -m venv --clear --without-pip
        "$base" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
            fail "$base has no venv module; on Debian and Ubuntu: apt-get install python$version-venv"
    fi
    [ ! -d "$environment" ] ||
        say "The Python of .venv is gone or not one of 3.11 to 3.14: making it anew"
    say "Making .venv with Python $version ($base)"
    if ! problem=$("$@" -- "$environment" 2>&1); then
        [ "$(free_megabytes)" -ge 100 ] || no_space
        fail "the environment could not be made: $(say "$problem" | tail -n 1)"
    fi
}

# install ARGUMENT...: what the installer says is shown, and kept in the log. As pip does, uv compiles
# what hundreds of short processes import: torch then takes half the time in each of them.
install() {
    if [ -n "$uv" ]; then
        [ "$level" = reading ] || set -- --compile-bytecode "$@"
        set -- "$uv" pip install --python "$python" "$@"
    else
        set -- "$python" -m pip --disable-pip-version-check install "$@"
    fi
    { "$@" 2>&1 || say failed >"$log.failed"; } | tee -a -- "$log"
    [ ! -f "$log.failed" ] || explain
}

# By the pip of the Python that made the environment, which spares it one of its own, else by that.
bring_uv() {
    if base=$(find_python); then
        "$base" -m pip --python "$python" install -q --retries 1 -c requirements.txt uv || true
    fi >/dev/null 2>&1
    find_uv
    if [ -z "$uv" ]; then
        "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null 2>&1 ||
            fail "$python has no pip and cannot make one: remove .venv and try again"
        "$python" -m pip install -q --retries 1 -c requirements.txt uv >/dev/null 2>&1 || true
        find_uv
    fi
}

add_paths='
import pathlib, sys, sysconfig
file = pathlib.Path(sysconfig.get_path("purelib"), "book.pth")
file.write_text("\n".join(sys.argv[1:]))
'

install_all() {
    rm -f -- "$stamp" "$log" "$log.failed"
    [ -n "$uv" ] || bring_uv
    if [ "$level" = reading ]; then
        say "Installing what reading needs into .venv"
        sed -n '/^# Reading/,/^$/p' requirements.txt >"$log.pins"
        install -c requirements.txt -r "$log.pins"
        # Paths are enough, and take no build: those of an editable install need setuptools first.
        "$python" -c "$add_paths" "$root" "$root/scripts" || fail "$environment cannot be written"
    else
        say "Installing all that requirements.txt names into .venv (torch is large; README.md says how a"
        say "machine without a GPU gets the small CPU build)"
        # As constraints too, or pip first fetches the newest torch before it reads the pin.
        install -c requirements.txt -e '.[peers]'
        rm -f -- "$environment"/lib/python3*/site-packages/book.pth
    fi
    { wanted "$level" >"$stamp.new" && mv -- "$stamp.new" "$stamp"; } ||
        fail "$stamp cannot be written"
}

# set_up LEVEL: .venv holds what `reading` needs, without torch, or `everything`.
set_up() {
    level=$1
    if ! up_to_date "$level"; then
        [ ! -L "$environment" ] ||
            fail ".venv is a link, and the set-up changes nothing behind one: remove the link"
        take_lock
        if ! up_to_date "$level"; then
            case $(cat -- "$stamp" 2>/dev/null) in everything*) level=everything ;; esac
            find_uv
            supported "$python" || make_environment
            install_all
        fi
        rm -rf -- "$lock"
        trap - EXIT INT TERM HUP
    fi
    PATH=$environment/bin:$PATH
    NO_MKDOCS_2_WARNING=1
    export PATH NO_MKDOCS_2_WARNING
}
