#!/bin/sh
# A picture of a report as a browser shows it: report.sh REPORT.html PICTURE.png
set -eu

if ! command -v chromium >/dev/null 2>&1; then
    "$(dirname "$0")/../apt_install.sh" "The picture of the report needs the browser chromium." chromium
fi
target=$(realpath "$(dirname "$2")")/$(basename "$2")
chromium --headless --no-sandbox --hide-scrollbars --force-device-scale-factor=1.25 --window-size=1000,1330 \
    --screenshot="$target" "$(realpath "$1")" >/dev/null 2>&1
test -s "$target"
