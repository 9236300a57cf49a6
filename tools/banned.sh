#!/bin/sh
# banned.sh: calls and words that this code does without. Each check says why.
set -u
bad=0
check() { # PATTERN WHY FILES...
    pattern=$1 why=$2
    shift 2
    if grep -nE "$pattern" "$@" /dev/null; then
        echo "  ^ $why" >&2
        bad=1
    fi
}
files=$(git ls-files 'base/*.[ch]' 'net/*.[ch]' 'xnumber/*.[ch]' 'profile/*.[ch]' 'upstream/*.[ch]' 'aicc/*.[ch]' 'ita/*.[ch]' 'gateway/*.[ch]' 'mock_ita/*.[ch]' 'bench/*.[ch]')
[ -n "$files" ] || exit 0
outside() { echo "$files" | grep -vE "$1"; }
# shellcheck disable=SC2046,SC2086
{
    check '(^|[^_a-z.])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca)\(' \
        'unbounded or unchecked; use buf, str' $files
    check '(^|[^_a-z.])(malloc|calloc|realloc|free|strdup)\(' \
        'memory comes from base/mem.h' $(outside '^base/mem\.c$')
    check '(^|[^_a-z])(exit|abort)\(' \
        'only main.c exits; only impossible states abort' \
        $(outside '^base/(mem|digest|option)\.c$|/main\.c$')
    check '#include <(curl/|sodium|sqlite3)' \
        'a library is included only where it is wrapped' \
        $(outside '^base/password\.c$|^net/curl_.*\.[ch]$|^gateway/store/')
    check '\b(TODO|FIXME|XXX|HACK)\b' 'say it in an issue' $files
}
exit $bad
