#!/bin/sh
# deps.sh [build|fuzz|bench|lint|deb|vendor|metrics]...: installs the Debian packages that are missing; where it may not,
# prints them and stops. When all are there it does nothing, offline.
set -u
build="gcc make pkg-config libc6-dev libuv1-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev
       uthash-dev libsodium-dev libjemalloc-dev libcmocka-dev ca-certificates openssl curl python3 python3-jsonschema git zsh"
fuzz="clang libclang-rt-dev"
bench="nginx-light wrk strace valgrind"
lint="clang-format clang-tidy cppcheck shellcheck mandoc"
# debootstrap: the packages are tried on a fresh Debian; systemd: its systemd-analyze rates the unit.
deb="debhelper lintian debootstrap systemd"
# For tests/e2e/test_vendor_sdk.py, which is skipped without. Not among `build`: Debian's npm brings 400 packages. Node
# from elsewhere serves as well.
vendor="nodejs npm"
command -v node >/dev/null && command -v npm >/dev/null && vendor=
# For promtool in tests/e2e/test_metrics.py, parts of which are skipped without. Not among `build`: 20 MiB to fetch, 100 on
# disk, and on a machine with a service manager the package starts a Prometheus on port 9090.
metrics="prometheus"
command -v promtool >/dev/null && metrics=
wanted=
for group in "${@:-build}"; do
    case $group in
    build) wanted="$wanted $build" ;;
    fuzz) wanted="$wanted $fuzz" ;;
    bench) wanted="$wanted $bench" ;;
    lint) wanted="$wanted $lint" ;;
    deb) wanted="$wanted $deb" ;;
    vendor) wanted="$wanted $vendor" ;;
    metrics) wanted="$wanted $metrics" ;;
    *) echo "deps.sh: no such group: $group" >&2; exit 2 ;;
    esac
done
missing=
for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root=sudo
else
    echo "These Debian packages are missing; install them as root, then try again:" >&2
    echo "  apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
