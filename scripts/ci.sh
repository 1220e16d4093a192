#!/usr/bin/env bash
# Runs the checks of continuous integration: `scripts/ci.sh [PART...]`, by default all parts in the order below. A clean
# clone needs the part `prepare` first.
# Prints how long each part took when it ends, also when a part fails.
#
# CI_DOCKER may name a program that starts a Docker engine if none is running: `$CI_DOCKER up` prints the exports that
# select it, and `$CI_DOCKER down` stops it.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
export CI=true
PARTS=(prepare format lint types test slow escape aws faults compose clone bench)

source=$PWD
scratch=$(mktemp -d)
npm_pid=
docker_started=
timings=()
part=

finish() {
  local status=$?
  [ -z "$npm_pid" ] || kill -9 "$npm_pid" "$(server_pid)" 2>/dev/null || true
  [ -z "$docker_started" ] || "$CI_DOCKER" down || true
  rm -rf "$scratch"
  [ -z "$part" ] || timings+=("$(printf '%-8s %5d s  failed' "$part" $((SECONDS - since)))")
  printf '== duration of each part\n'
  printf '%s\n' "${timings[@]}" "$(printf '%-8s %5d s' total $SECONDS)"
  exit $status
}
trap finish EXIT

run_prepare() { node scripts/prepare.mjs test; }
run_format() { npm run format:check; }
run_lint() { npm run lint; }
run_types() { npm run types; }
run_test() { npm test; }
run_slow() { npm run test:slow; }
run_escape() { npm run test:escape; }
run_aws() { npm run test:aws; }
# Shorter random runs than by default, so that all parts together take less than 35 minutes.
run_faults() { FAULT_SECONDS=${FAULT_SECONDS:-120} npm run test:faults; }

run_compose() {
  if ! docker info >/dev/null 2>&1 && [ -n "${CI_DOCKER:-}" ]; then
    docker_started=true
    "$CI_DOCKER" up >"$scratch/docker.env"
    # shellcheck disable=SC1091
    . "$scratch/docker.env"
  fi
  npm run test:compose
}

# For information: benchmarks have no limits.
run_bench() {
  npm run bench -- 50
  npm run bench:engine -- 10
  npm run bench:responsiveness -- 5
}

# Follows the README in a fresh clone.
run_clone() {
  git clone --quiet "$source" "$scratch/service-server"
  cd "$scratch/service-server"
  start_server
  grep '^prepare:' "$scratch/server.log"
  # The examples exactly as the README prints them.
  awk '/^<!-- try -->/ {on = 1} /^<!-- end -->/ {on = 0} on && !/^(<!--|```)/' README.md >"$scratch/try.sh"
  [ -s "$scratch/try.sh" ]
  bash -euo pipefail "$scratch/try.sh" | tee "$scratch/try.log"
  grep --quiet '"stdout":"hello\\n"' "$scratch/try.log"

  # The job survives a SIGKILL of the server.
  kill -9 "$(server_pid)"
  await_exit
  start_server
  local job
  job=$(grep --only-matching '"job_id":"[^"]*"' "$scratch/try.log" | head -n 1 | cut -d '"' -f 4)
  curl --silent --fail "localhost:8000/api/status/$job" | grep --quiet '"status":"SUCCESS"'
  [ "$(curl --silent --fail "localhost:8000/api/jobs/$job/logs")" = hello ]

  # SIGTERM to npm stops the server and frees the port.
  kill "$npm_pid"
  await_exit
  if curl --silent --output /dev/null localhost:8000/api/health/live; then
    echo 'port 8000 still accepts connections after SIGTERM'
    return 1
  fi
  cd "$source"
}

start_server() {
  npm start >"$scratch/server.log" 2>&1 &
  npm_pid=$!
  curl --silent --fail --retry 600 --retry-delay 1 --retry-all-errors --output /dev/null localhost:8000/api/health ||
    { cat "$scratch/server.log"; return 1; }
}

# The server itself, a descendant of npm.
server_pid() {
  local pid
  for pid in $(pgrep -f '^([^ ]*/)?node ([^ ]* )*dist/main\.js'); do
    [ "$(readlink "/proc/$pid/cwd")" = "$scratch/service-server" ] && echo "$pid" && return
  done
  return 1
}

await_exit() {
  wait "$npm_pid" || true
  while server_pid >/dev/null; do sleep 0.1; done
  npm_pid=
}

[ $# -gt 0 ] || set -- "${PARTS[@]}"
for part in "$@"; do
  case " ${PARTS[*]} " in
    *" $part "*) ;;
    *) unknown=$part part=; echo "unknown part $unknown; parts are: ${PARTS[*]}" >&2; exit 2 ;;
  esac
done
for part in "$@"; do
  printf '== %s\n' "$part"
  since=$SECONDS
  "run_$part"
  timings+=("$(printf '%-8s %5d s' "$part" $((SECONDS - since)))")
done
part=
