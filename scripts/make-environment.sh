#!/bin/sh
# Make the virtual environment in the folder given and install the locked packages and the project.
set -eu
venv=$1

if [ -z "${PYTHON:-}" ]; then
    echo "control-tower: no Python from 3.11 to 3.13 was found; install one, or name it: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
fi

# Debian ships Python without the part that makes virtual environments.
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing python$version-venv ..."
        apt-get update -qq && apt-get install -y -qq "python$version-venv" >/dev/null
    else
        echo "control-tower: $PYTHON cannot make virtual environments; run: sudo apt-get install python$version-venv" >&2
        exit 1
    fi
fi

echo "Installing into $venv with $("$PYTHON" --version) (once; about two minutes) ..."
[ -x "$venv/bin/python" ] || "$PYTHON" -m venv "$venv"
# Compiled on all processors afterwards: pip uses one. Some packages carry files no Python compiles.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --requirement requirements.lock
"$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || true
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
