#!/bin/sh
# The browser tests need Chromium and two fonts. On Debian as root they are installed; elsewhere we say what is missing.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
fc-list 2>/dev/null | grep -qi dejavu || missing="$missing fonts-dejavu"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
else
    echo "The tests need these packages:$missing" >&2
    exit 1
fi
