#!/bin/sh
# fuzz.sh FUZZER SECONDS: runs a libFuzzer program on its corpus for a while. New inputs stay under build/, and so does
# what it says, which is shown when it fails.
set -eu
name=$(basename "$1" | sed 's/^fuzz_//')
fresh=$(dirname "$1")/corpus_$name
mkdir -p "$fresh" "tests/corpus/$name"
if ! "$1" -max_total_time="$2" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$fresh/" "$fresh" "tests/corpus/$name" >"$1.log" 2>&1; then
    tail -50 "$1.log" >&2
    echo "fuzz $name: failed; the input is in $fresh" >&2
    exit 1
fi
echo "fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$1.log") inputs in $2 s, none failed"
