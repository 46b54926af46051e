#!/usr/bin/env bash
# Snowflake: its driver from npm, which is an optional peer and so not in node_modules, and fakesnow from PyPI.
set -uo pipefail
cd "$(dirname "$0")/../../.emulators"
missing=()

driver="snowflake-sdk@3.3.0"
if [ "$(cat snowflake.txt 2>/dev/null)" != "$driver" ]; then
  npm install --silent --prefix snowflake --no-save --no-package-lock --ignore-scripts --no-audit --no-fund "$driver" \
    && echo "$driver" > snowflake.txt || missing+=("$driver (npm)")
fi

# fakesnow asks for no upper bound of the connector, but is written for the parts that version 5 has moved.
fakesnow=("fakesnow[server]==0.12.1" "snowflake-connector-python==4.8.1" "duckdb==2.0.1" "sqlglot==30.22.0")
if [ "$(cat fakesnow.txt 2>/dev/null)" != "${fakesnow[*]}" ]; then
  python3 -m venv fakesnow && fakesnow/bin/pip install --quiet --disable-pip-version-check "${fakesnow[@]}" \
    && echo "${fakesnow[*]}" > fakesnow.txt || missing+=("fakesnow (PyPI)")
fi

for one in "${missing[@]}"; do echo "cannot be installed here: $one" >&2; done
[ "${#missing[@]}" = 0 ]
