#!/bin/sh
# Waits until the app can work: GET /api/health/ready, tried thirty times. HOLDFAST_URL is an output of the template.
set -eu
curl --fail --silent --show-error --max-time 30 --retry 30 --retry-delay "${HOLDFAST_READY_EVERY:-10}" \
  --retry-all-errors "${HOLDFAST_URL:?}/api/health/ready"
