#!/usr/bin/env bash
# What the fault tests need beyond Node: strace, with which system calls are made to fail. Installs it where apt and root are
# there; elsewhere the tests that need it say so by name, and fail where CI is set.
set -euo pipefail

if command -v strace > /dev/null; then exit 0; fi
if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
  echo "strace is missing and cannot be installed here (no apt-get, or not root)" >&2
  exit 0
fi
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends strace > /dev/null
