#!/bin/sh
# deb.sh [FOLDER [VERSION]...]: builds the Debian packages from a copy of the tree, in FOLDER (build/deb), and lets lintian
# judge them; then the same as each VERSION, for tests of upgrades.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/deb}
[ $# -eq 0 ] || shift
rm -rf "$folder"
mkdir -p "$folder/source"
git ls-files -z | xargs -0 cp --parents --no-dereference --preserve=mode -t "$folder/source"
cd "$folder/source"
dpkg-buildpackage --build=binary --no-sign
lintian --fail-on error,warning ../*.changes
for version; do
    sed -i "1s/(.*)/($version)/" debian/changelog
    dpkg-buildpackage --build=binary --no-sign --no-pre-clean
done
cd ..
rm -rf source
ls ./*.deb
