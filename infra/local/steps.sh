# infra/local/steps.sh: sourced by the scripts beside it and above: runs a long step so that everybody sees it live.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/.build

# say TEXT: a line of our own, on standard error.
say() { printf '%s\n' "$*" >&2; }

# fail TEXT WHAT-TO-DO: ends the script with exit code 3 (as `kiroku` does for a wrong setting).
fail() {
    say "$(basename "$0"): $1"
    say "  what to do: $2"
    exit 3
}

# The last line of a log, as far as it fits.
latest() { tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c "1-${2:-80}"; }

# watched NAME COMMAND…: runs it with its output in .build/logs/NAME.log. Meanwhile shows elapsed time and the log's
# latest line: each second on a terminal, each half minute elsewhere. If it fails, shows the log's end and returns its code.
# What takes longer than KIROKU_STEP_LIMIT seconds (1,800) hangs: it is ended, with all that it started, and has failed.
watched() {
    local name=$1 began=$SECONDS pid code shown=0
    local log=$build/logs/${name// /-}.log
    shift
    mkdir -p "$build/logs"
    timeout --kill-after=20 "${KIROKU_STEP_LIMIT:-1800}" "$@" > "$log" 2>&1 < /dev/null &
    pid=$!
    trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        local elapsed=$((SECONDS - began))
        if [ -t 2 ]; then
            [ "$elapsed" = "$shown" ] || printf '\r\033[K%s: %d s  %s' "$name" "$elapsed" "$(latest "$log" 70)" >&2
            shown=$elapsed
        elif [ $((elapsed - shown)) -ge 30 ]; then
            say "$name: $elapsed s  $(latest "$log" 100)"
            shown=$elapsed
        fi
    done
    wait "$pid" && code=0 || code=$?
    trap - INT TERM
    [ -t 2 ] && printf '\r\033[K' >&2
    local how="failed ($code)"
    case $code in 0) how=done ;; 124 | 137) how="ended, because it took too long," ;; esac
    say "$name: $how after $((SECONDS - began)) s"
    [ "$code" = 0 ] || { tail -n 60 "$log" >&2; say "  all of it: $log"; }
    return "$code"
}
