#!/bin/sh
# Makes .venv with what `site` (running the site) or `dev` (working on it) needs, from the hashed locks in requirements/.
# Needs only a POSIX shell and any Python 3; does nothing where .venv already holds what the locks say.
set -eu
cd "$(dirname "$0")/.."
wanted=$1

say() { printf '%s\n' "$*" >&2; }

fingerprint() { # of everything that decides what .venv holds
    cat requirements/*.txt pyproject.toml tools/environment.sh | cksum
}

# A dev environment holds all that the site needs.
for made in "$wanted" dev; do
    stamp=.venv/.samsvar-$made
    if [ -x .venv/bin/samsvar ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then exit 0; fi
done

# 1. uv: the one on the PATH if it answers, else ours in .uv (pinned and hashed)
if uv --version >/dev/null 2>&1; then
    UV=uv
else
    UV=.uv/bin/uv
    if ! "$UV" --version >/dev/null 2>&1; then
        rm -rf .uv
        python=$(command -v python3 || command -v python || true)
        [ -n "$python" ] || { say "Samsvar needs Python 3.12 or later, and found no python3. Install it (Debian: apt install python3-venv) and run make again."; exit 1; }
        say "Fetching uv into .uv ..."
        if "$python" -m venv .uv >/dev/null 2>&1; then
            .uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
        elif rm -rf .uv && "$python" -m pip --version >/dev/null 2>&1; then # Debian without python3-venv, but with pip
            "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes --target .uv -r requirements/uv.txt
        else
            rm -rf .uv
            say "This Python can neither make a virtual environment nor run pip (Debian keeps both apart)."
            say "Install one of them (apt install python3-venv) or uv, and run make again. Nothing was changed."
            exit 1
        fi
    fi
fi

# 2. the environment: a Python of this machine's that is new enough; another is fetched only where there is none
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
    "$UV" venv --quiet --clear --python '>=3.12' --python-preference system .venv
fi

# 3. what the locks say, and nothing else
locks="requirements/build.txt"
case $wanted in
dev) locks="$locks requirements/dev.txt" ;;
site)
    locks="$locks requirements/site.txt"
    # front-end files come through npm; a machine without Node 20 gets it as a wheel
    if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' >/dev/null 2>&1 || ! npm --version >/dev/null 2>&1; then
        locks="$locks requirements/node.txt"
    fi
    ;;
*) say "tools/environment.sh site|dev"; exit 2 ;;
esac
say "Installing what ${locks} say ..."
rm -f .venv/.samsvar-*
# shellcheck disable=SC2086 # the names of the locks are several words on purpose
"$UV" pip sync --quiet --python .venv/bin/python --require-hashes $locks
"$UV" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
fingerprint >".venv/.samsvar-$wanted"
