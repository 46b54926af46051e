#!/usr/bin/env bash
# BigQuery: Google's clients from npm, which are optional peers and so not in node_modules, bqemulator from PyPI, goccy's
# bigquery-emulator compiled from its Go module, which takes minutes.
set -uo pipefail
cd "$(dirname "$0")/../../.emulators"
missing=()

clients=("@google-cloud/bigquery@8.3.1" "@google-cloud/bigquery-storage@5.1.2")
if [ "$(cat bigquery.txt 2>/dev/null)" != "${clients[*]}" ]; then
  npm install --silent --prefix bigquery --no-save --no-package-lock --ignore-scripts --no-audit --no-fund "${clients[@]}" \
    && echo "${clients[*]}" > bigquery.txt || missing+=("${clients[*]} (npm)")
fi

# The emulator loads an extension of DuckDB from elsewhere when it starts: it comes from PyPI instead, into a home folder of its own.
bqemulator=("bqemulator==1.4.0" "duckdb==1.5.5" "duckdb-extension-spatial==1.5.5" "sqlglot==30.11.0" "numpy==2.2.6")
spatial='
import duckdb, duckdb_extension_spatial, pathlib
[file] = pathlib.Path(duckdb_extension_spatial.__file__).parent.rglob("spatial.duckdb_extension")
duckdb.connect().execute(f"INSTALL {str(file)!r}")'
if [ "$(cat bqemulator.txt 2>/dev/null)" != "${bqemulator[*]}" ]; then
  rm -rf bqemulator && python3 -m venv bqemulator && mkdir -p bqemulator/home \
    && bqemulator/bin/pip install --quiet --disable-pip-version-check "${bqemulator[@]}" \
    && HOME="$PWD/bqemulator/home" bqemulator/bin/python -c "$spatial" \
    && echo "${bqemulator[*]}" > bqemulator.txt || missing+=("bqemulator (PyPI)")
fi

# Google's own analyser, which refuses SQL that the other accepts. Compiled with clang: gcc refuses its sources. A second opinion:
# where there is no Go, or no clang, its tests say that they are skipped, and nothing else fails.
goccy=v0.6.6
if [ "$(cat goccy.txt 2>/dev/null)" != "$goccy" ]; then
  if ! command -v clang++ >/dev/null && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends clang >/dev/null
  fi
  mkdir -p goccy bin
  # A module that requires it, because `go install` asks for the list of its versions, which not every proxy has.
  printf 'module emulator\n\ngo 1.24\n\nrequire github.com/goccy/bigquery-emulator %s\n\ntool github.com/goccy/bigquery-emulator/cmd/bigquery-emulator\n' "$goccy" > goccy/go.mod
  (cd goccy && go mod tidy && CC=clang CXX=clang++ CGO_ENABLED=1 CGO_CFLAGS="-O0 -w" CGO_CXXFLAGS="-O0 -w" \
    go build -o ../bin/bigquery-emulator github.com/goccy/bigquery-emulator/cmd/bigquery-emulator) > goccy/build.log 2>&1 \
    && echo "$goccy" > goccy.txt \
    || echo "not here, so no second opinion on BigQuery: bigquery-emulator $goccy (Go; needs clang++, see .emulators/goccy/build.log)" >&2
fi

for one in "${missing[@]}"; do echo "cannot be installed here: $one" >&2; done
[ "${#missing[@]}" = 0 ]
