#!/usr/bin/env bash
# What `npm run test:real` runs against, beyond node_modules: PostgreSQL and OpenSSH's sshd from Debian's packages; s3rver with
# Amazon's SDK from npm, GNU Mailman, Tryton and dbt from PyPI, in the ignored folder .real. Does nothing where all of it is
# there. Says by name what cannot be had here, and then fails where CI is set.
set -uo pipefail
cd "$(dirname "$0")/.."
missing=()

debian() { # program or folder, package
  compgen -G "$1" >/dev/null && return
  if [ -z "${updated:-}" ] && command -v apt-get >/dev/null; then
    apt-get update -qq && updated=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null || missing+=("$2 (Debian)")
}
debian "/usr/lib/postgresql/*/bin/initdb" postgresql
debian /usr/sbin/sshd openssh-server

mkdir -p .real
# Versions of the SDK whose own parts are pinned exactly: of newer ones a registry may lack a part. The first that installs is taken.
sdks=(3.844.0 3.758.0 3.600.0)
node_tools() {
  local sdk
  for sdk in "${sdks[@]}"; do
    npm install --silent --prefix .real --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
      s3rver@3.7.1 "@aws-sdk/client-s3@$sdk" && return
  done
  return 1
}
if [ "$(cat .real/npm.txt 2>/dev/null)" != "s3rver@3.7.1 ${sdks[*]}" ]; then
  node_tools && echo "s3rver@3.7.1 ${sdks[*]}" > .real/npm.txt || missing+=("s3rver, @aws-sdk/client-s3 (npm)")
fi

# Mailman 3.3.10 asks for no upper bound, but its lookups fail with SQLAlchemy 2.1.
mailman=("mailman==3.3.10" "sqlalchemy<2.1")
if [ "$(cat .real/mailman.txt 2>/dev/null)" != "${mailman[*]}" ]; then
  python3 -m venv .real/mailman && .real/mailman/bin/pip install --quiet --disable-pip-version-check "${mailman[@]}" \
    && echo "${mailman[*]}" > .real/mailman.txt || missing+=("mailman (PyPI)")
fi

# Of the modules only parties, Tryton's contacts; 8.2 has a REST API for records.
tryton=("trytond==8.2.1" "trytond_party==8.2.0")
if [ "$(cat .real/tryton.txt 2>/dev/null)" != "${tryton[*]}" ]; then
  python3 -m venv .real/tryton && .real/tryton/bin/pip install --quiet --disable-pip-version-check "${tryton[@]}" \
    && echo "${tryton[*]}" > .real/tryton.txt || missing+=("trytond, trytond_party (PyPI)")
fi

# From 1.12 on dbt-core fetches a parser from elsewhere while it is installed. DuckDB is that of package.json: older ones read no newer file.
dbt=("dbt-core==1.11.16" "dbt-duckdb==1.10.1" "duckdb==1.5.5")
if [ "$(cat .real/dbt.txt 2>/dev/null)" != "${dbt[*]}" ]; then
  python3 -m venv .real/dbt && .real/dbt/bin/pip install --quiet --disable-pip-version-check "${dbt[@]}" \
    && echo "${dbt[*]}" > .real/dbt.txt || missing+=("dbt-core, dbt-duckdb (PyPI)")
fi

for one in "${missing[@]}"; do echo "cannot be installed here: $one" >&2; done
if [ "${#missing[@]}" -gt 0 ] && [ -n "${CI:-}" ]; then exit 1; fi
