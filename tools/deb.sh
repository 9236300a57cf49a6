#!/bin/sh
# deb.sh: builds the Debian packages from a copy of the tree in build/deb/, and lets lintian judge them.
set -eu
cd "$(dirname "$0")/.."
rm -rf build/deb
mkdir -p build/deb/source
git ls-files -z | xargs -0 cp --parents --no-dereference --preserve=mode -t build/deb/source
cd build/deb/source
dpkg-buildpackage --build=binary --no-sign
cd ..
rm -rf source
lintian --fail-on error,warning ./*.changes
ls ./*.deb
