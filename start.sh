#!/bin/sh
# Everything from a fresh copy: finds or fetches bun, installs the packages, starts the server.
set -eu

BUN_VERSION=1.4.5

file=$0
if [ -L "$file" ]; then file=$(readlink -f "$file"); fi
unset CDPATH
cd -P -- "$(dirname -- "$file")"

say() { printf '%s\n' "$*" >&2; }

stop() {
  say "$*"
  exit 1
}

usage() {
  cat <<'TEXT'
Usage: ./start.sh [word]

  ./start.sh                 start the server: database, tables, secrets, first owner, workers
  ./start.sh test [files]    run the tests, from nothing
  ./start.sh bun [words]     the bun that this project uses, for example: ./start.sh bun run check
  ./start.sh help            all other words, and the variables of the environment

TEXT
}

is_new_enough() {
  found=$("$1" --version 2>/dev/null) || return 1
  printf '%s\n%s\n' "$BUN_VERSION" "$found" | awk -F'[.-]' '
    { for (part = 1; part <= 3; part++) number[NR, part] = $part + 0 }
    END {
      for (part = 1; part <= 3; part++) {
        if (number[2, part] > number[1, part]) exit 0
        if (number[2, part] < number[1, part]) exit 1
      }
    }'
}

find_bun() {
  for candidate in "$(command -v bun || true)" "${HOME:-/nonexistent}/.bun/bin/bun" \
    .bun/node_modules/@oven/bun-*/bin/bun .bun/node_modules/bun/bin/bun.exe; do
    if [ -x "$candidate" ] && is_new_enough "$candidate"; then
      case $candidate in
        /*) bun=$candidate ;;
        *) bun=$PWD/$candidate ;;
      esac
      return 0
    fi
  done
  return 1
}

fetch_bun() {
  command -v npm >/dev/null ||
    stop "Bun $BUN_VERSION or later is needed: install it (https://bun.sh), or install npm and this script fetches it."
  say "fetching bun $BUN_VERSION into .bun"
  # The install scripts only move the binary about; it works where it lies.
  npm install --prefix .bun --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "bun@$BUN_VERSION" >&2 ||
    stop "Bun $BUN_VERSION could not be fetched with npm (offline, or is this folder read-only?): install it from https://bun.sh."
}

fingerprint() {
  { uname -sm && cat package.json bun.lock src/database/patches/* 2>/dev/null; } | cksum
}

install_packages() {
  stamp=node_modules/.installed
  wanted=$(fingerprint)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return; fi
  say 'installing the packages'
  if ! told=$("$bun" install --frozen-lockfile 2>&1); then
    say "$told"
    stop 'The packages could not be installed (offline, or is this folder read-only?): run ./start.sh once with a network, as the user this folder belongs to.'
  fi
  # A folder of somebody else's works without the stamp, only the next start looks again.
  { printf '%s\n' "$wanted" >"$stamp"; } 2>/dev/null || true
}

run_tests() {
  report=$(mktemp "${TMPDIR:-/tmp}/edgars-report.XXXXXX")
  trap 'rm -f "$report"' EXIT
  code=0
  "$bun" test --parallel --timeout=60000 --reporter=junit --reporter-outfile="$report" "$@" || code=$?
  count "$report" "$code" || code=1
  exit "$code"
}

# From the report's first line of totals. It leaves out files that cannot be read and tests that ended their process:
# a run that failed without a failed test, or that ran no test at all, counts as one failure.
count() {
  awk -v code="$2" '
    function total(name) { return match($0, " " name "=\"[0-9]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0 : 0 }
    /<testsuites / { tests = total("tests"); failed = total("failures") + total("errors"); skipped = total("skipped"); exit }
    END {
      passed = tests - failed - skipped
      if (failed == 0 && (code != 0 || passed == 0)) failed = 1
      printf "%d passed, %d failed%s\n", passed, failed, (skipped > 0) ? ", " skipped " skipped" : ""
      exit (failed > 0)
    }' "$1"
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
esac

find_bun || { fetch_bun && find_bun; } || stop "The bun that npm fetched does not run here: install bun $BUN_VERSION from https://bun.sh."
install_packages

case ${1:-} in
  test)
    shift
    run_tests "$@"
    ;;
  bun)
    shift
    # The scripts of package.json call bun by its name.
    PATH=$(dirname -- "$bun"):$PATH exec "$bun" "$@"
    ;;
  *) exec "$bun" --no-env-file src/main.ts "$@" ;;
esac
