#!/bin/sh
# Installs Debian packages where that is possible: tools/apt_install.sh REASON PACKAGE...
# Elsewhere says what is missing and fails.
set -eu

reason=$1
shift

if ! command -v apt-get >/dev/null 2>&1; then
    echo "$reason Install it with this system's package manager (Debian and Ubuntu call it: $*)." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "$reason Install it with: sudo apt-get install $*" >&2
    exit 1
fi

echo "$reason Installing: $*"
exec 9<"$0"
flock 9 # one at a time: apt-get does not wait for another one
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get -qq update && apt-get -qq install --yes --no-install-recommends "$@" >/dev/null; }; then
    echo "apt-get could not install: $*" >&2
    exit 1
fi
