#!/bin/sh
# The tests look at the dashboard in a browser: install Debian's Chromium where that is allowed.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the tests of the dashboard ..."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
    echo "No Chromium was found, so the dashboard's browser tests will be skipped." >&2
    echo "Install it to run them, on Debian with: sudo apt-get install chromium" >&2
fi
