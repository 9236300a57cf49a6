#!/bin/sh
# fuzz.sh FUZZER SECONDS: runs a libFuzzer program on its corpus for a while; new inputs stay under build/.
set -eu
name=$(basename "$1" | sed 's/^fuzz_//')
fresh=$(dirname "$1")/corpus_$name
mkdir -p "$fresh" "tests/corpus/$name"
echo "fuzz $name: $2 s"
"$1" -max_total_time="$2" -timeout=5 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 \
    -artifact_prefix="$fresh/" "$fresh" "tests/corpus/$name"
