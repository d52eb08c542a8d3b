#!/usr/bin/env bash
# Runs the tests of the plugin in the newer QGIS of Debian's backports, beside the one that is installed.
#
#   tools/qgis_backports.sh [PYTEST_ARGS…]     install it in an overlay of /, run tests/qgis there, leave no trace
#   tools/qgis_backports.sh --why-not          print why that cannot be done here; succeeds and is silent where it can
#
# The overlay lives in namespaces of its own, so that every mount and every process in it ends with the run, however the
# run ends. It is kept in memory where there is enough. Packages are kept for the next run in QGIS_BACKPORTS_CACHE
# (else ~/.cache/hsi-qgis-backports).
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
suite=bookworm-backports
needed_mb=6000

why_not() {
    if ! grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
        echo "this system is not Debian 12 (bookworm), whose backports hold the newer QGIS"
    elif [ "$(id -u)" -ne 0 ]; then
        echo "only root may mount an overlay of / and install packages in it"
    elif ! command -v unshare >/dev/null; then
        echo "the program unshare (package util-linux) is missing"
    elif ! unshare --mount --pid --fork --kill-child --mount-proc bash "$0" --trial 2>/dev/null; then
        echo "this system does not let root mount an overlay of / (a container without the right to mount?)"
    fi
}

# --- inside the namespaces ---------------------------------------------------------------------------------------

mount_overlay() { # FOLDER
    mkdir -p "$1/upper" "$1/work" "$1/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
}

trial() {
    mount -t tmpfs tmpfs /mnt
    mount_overlay /mnt
}

enable_backports() { # ROOT
    local sources=$1/etc/apt/sources.list.d/debian.sources
    if [ -e "$sources" ]; then
        sed -i "s/^Suites: .*\<bookworm-updates\>.*/& $suite/" "$sources"
    else
        sources=$1/etc/apt/sources.list
        sed -i "s/^\(deb .*\) bookworm \(.*\)/&\n\1 $suite \2/" "$sources"
    fi
    if ! grep -q "$suite" "$sources"; then
        echo "qgis_backports: /etc/apt has no line for Debian 12 that $suite could be added to" >&2
        exit 1
    fi
    rm -f "$1/etc/apt/apt.conf.d/docker-clean" # containers throw packages away; here they serve the next run
}

install_and_test() { # FOLDER CACHE [PYTEST_ARGS…]
    local folder=$1 cache=$2 root=$1/root started=$SECONDS
    shift 2
    if [ "$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)" -gt $((2 * needed_mb)) ]; then
        mount -t tmpfs -o "size=${needed_mb}m" tmpfs "$folder"
    fi
    mount_overlay "$folder"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    # What others write below an overlay while it is mounted may show or not: its folder for temporary files is its own.
    mkdir -m 1777 "$folder/tmp"
    mount --bind "$folder/tmp" "$root/tmp"
    mkdir -p "$root$repository"
    mount --bind "$repository" "$root$repository"
    mount --bind "$cache" "$root/var/cache/apt/archives"
    data=${HSI_TEST_DATA:-$repository/../shared/data}
    if [ -d "$data" ]; then
        mkdir -p "$root$(realpath "$data")"
        mount --bind "$data" "$root$(realpath "$data")"
    fi

    enable_backports "$root"
    DEBIAN_FRONTEND=noninteractive chroot "$root" sh -eu -c "
        apt-get -qq update
        apt-get -qq install --yes --no-install-recommends -o APT::Keep-Downloaded-Packages=true -t $suite \
            qgis python3-qgis python3-venv >/dev/null
    "
    chroot "$root" sh -eu -c "cd '$repository' && sh tools/make_qgis_env.sh /opt/venv-qgis"
    chroot "$root" /usr/bin/python3 -c 'from qgis.core import Qgis; print("QGIS", Qgis.QGIS_VERSION)'
    echo "Installed in $((SECONDS - started)) s."
    # What asks nothing of this QGIS that the other did not answer: see pytest.ini.
    chroot "$root" sh -eu -c "cd '$repository' && exec /opt/venv-qgis/bin/python -m pytest tests/qgis \
        -p no:cacheprovider -m 'not slow_set_up and not one_qgis' \"\$@\"" sh "$@"
}

# --- outside -----------------------------------------------------------------------------------------------------

run() {
    local reason child status=0 folder
    reason=$(why_not)
    if [ -n "$reason" ]; then
        echo "qgis_backports: not possible here: $reason" >&2
        exit 1
    fi
    cache=${QGIS_BACKPORTS_CACHE:-$HOME/.cache/hsi-qgis-backports}
    mkdir -p "$cache/partial"
    folder=$(mktemp -d)
    # Job control: a background job of a script ignores interrupts otherwise, and so would everything tested in it.
    set -m
    unshare --mount --pid --fork --kill-child --mount-proc bash "$0" --inside "$folder" "$cache" "$@" &
    child=$!
    trap 'kill -KILL "$child"' INT TERM HUP
    wait "$child" 2>/dev/null || status=$?
    rm -rf --one-file-system "$folder"
    exit "$status"
}

case ${1:-} in
--trial) trial ;;
--inside) install_and_test "${@:2}" ;;
--why-not)
    reason=$(why_not)
    [ -z "$reason" ] || { echo "$reason" && exit 1; }
    ;;
*) run "$@" ;;
esac
