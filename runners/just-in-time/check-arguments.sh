#!/bin/sh
# Refuses a build whose images are not named by digest, or whose runner has no checksum.
set -eu

refuse() {
  echo "refused: $1" >&2
  exit 1
}

by_digest() {
  echo "$2" | grep -Eqx '[^@[:space:]]+@sha256:[0-9a-f]{64}' ||
    refuse "$1 is '$2': name it by digest, as name@sha256:…, never by a tag alone"
}

by_digest CUDA_IMAGE "${CUDA_IMAGE:-}"
by_digest UV_IMAGE "${UV_IMAGE:-}"
echo "${RUNNER_VERSION:-}" | grep -Eqx '[0-9]+\.[0-9]+\.[0-9]+' ||
  refuse "RUNNER_VERSION is '${RUNNER_VERSION:-}': give a release of actions/runner, as 2.0.0"
echo "${RUNNER_SHA256:-}" | grep -Eqx '[0-9a-f]{64}' ||
  refuse "RUNNER_SHA256 is '${RUNNER_SHA256:-}': give the checksum in that release's notes"
