# Sourced by scripts/test and scripts/build: finds a Chromium, or gets one, and sets CHROMIUM to it.

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        return 1
    fi
}

from_package_manager() {
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends chromium
    elif command -v dnf >/dev/null 2>&1; then
        as_root dnf install -y chromium
    elif command -v zypper >/dev/null 2>&1; then
        as_root zypper --non-interactive install chromium
    elif command -v pacman >/dev/null 2>&1; then
        as_root pacman -Sy --noconfirm chromium
    elif command -v apk >/dev/null 2>&1; then
        as_root apk add --update-cache chromium
    elif command -v brew >/dev/null 2>&1; then
        brew install --cask chromium
    else
        return 1
    fi
}

find_chromium() {
    "$python" "$root/tests/site/find_chromium.py"
}

# A Chromium is there afterwards. With arguments, which may name tests that need no browser,
# its absence is only told.
have_chromium() {
    known=$environment/.chromium
    if [ -z "${CHROMIUM:-}" ] && [ -f "$known" ] && [ -x "$(cat -- "$known")" ]; then
        CHROMIUM=$(cat -- "$known")
    elif found=$(find_chromium); then
        CHROMIUM=$found
    elif [ -n "${CHROMIUM:-}" ]; then
        fail "CHROMIUM names '$CHROMIUM', which does not start"
    else
        say "No Chromium found: getting playwright's for the browser tests"
        "$python" -m playwright install chromium || true
        if ! CHROMIUM=$(find_chromium); then
            say "That gave none that starts: trying the system's package manager"
            from_package_manager || true
            if ! CHROMIUM=$(find_chromium); then
                problem="no Chromium for the browser tests: install one, or name it in CHROMIUM"
                [ "$#" -gt 0 ] || fail "$problem (without it: ./scripts/test --ignore=tests/site)"
                printf 'warning: %s\n' "$problem" >&2
                return 0
            fi
        fi
    fi
    printf '%s\n' "$CHROMIUM" >"$known" || true
    export CHROMIUM
}
