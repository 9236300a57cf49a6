#!/bin/sh
# check_layers.sh PART ALLOWED...: every "part/header.h" that PART's own files include must be of an allowed part.
set -u
part=$1
shift
bad=0
for file in "$part"/*.c "$part"/*.h; do
    [ -e "$file" ] || continue
    # shellcheck disable=SC2013 # a folder is one word
    for header in $(sed -nE 's/^#include "(.*)\/[^/]+"$/\1/p' "$file" | sort -u); do
        case " $* " in
        *" $header "*) ;;
        *)
            echo "$file includes $header/: $part may include only: $*" >&2
            bad=1
            ;;
        esac
    done
done
exit $bad
