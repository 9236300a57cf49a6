#!/usr/bin/env bash
# demo.sh BUILD: two calls go the whole way, printed as they happen. Leaves nothing running; what it made stays in
# build/demo/ to be looked at.
set -eu
cd "$(dirname "$0")/.."
SPEED=10
# shellcheck source=tools/setup.sh
. tools/setup.sh "${1:-build/release}" demo

# Switching the allocation mode takes effect when the daemon has read the tenants again.
loads() { grep -c 'tenants loaded' "$folder/gateway.log" || true; }
await_load_after() { # COUNT
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        [ "$(loads)" -gt "$1" ] && return
        sleep 0.1
    done
    give_up "the gateway does not see the change, see $folder/gateway.log"
}

place_and_follow() { # VERSION BODY
    python3 tools/follow_call.py "$API/$1/mobileAgent/createCall" "$2"
}

begin "$SPEED"
say "ita-gateway: an agent's system asks for a call, the ITA (here: a mock) rings both, the record comes back."
say "All keys, people and numbers are made up. The mock's calls run $SPEED times as fast as life."
say ""
say "   gateway   $GATEWAY_URL"
say "   mock ITA  $ITA_URL"

heading "1. An operator sets up the tenant \"$TENANT\""
set_up_tenant

heading "2. A V1 call in allocation mode Automatic: the ITA chooses the number X that both see"
place_and_follow v1 '{"caller":"13800000001","called":"057100000002","callData":"order 4711"}'

heading "3. A V3 call in allocation mode Specified: one of the tenant's own X numbers"
before=$(loads)
operator bidirectional-call set "$TENANT" --x-mode specified
await_load_after "$before"
place_and_follow v3 '{"softPhone":"13800000003","called":"057100000004"}'

heading "4. Both stand in the history"
python3 tools/follow_call.py --history

say ""
say "Done. Logs, database and certificates are in build/demo/. \`make run\` keeps it all up for you to try."
