#!/usr/bin/env bash
# run.sh BUILD: the set-up of the demo stays up until Ctrl-C or SIGTERM. build/run/env has what a script needs to know.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tools/setup.sh
. tools/setup.sh "${1:-build/release}" run

begin 10
say "Setting up the tenant \"$TENANT\":"
set_up_tenant
write_env "$folder/env"

program=${build#"$PWD/"}/bin/ita-gateway conf=${folder#"$PWD/"}/gateway.conf
# A signal is how this is meant to end.
trap 'exit 0' INT TERM HUP
cat <<END

Up, until Ctrl-C. All keys, people and numbers are made up; the mock's calls run 10 times as fast as life.

   gateway        $GATEWAY_URL
   mock ITA       $ITA_URL
   mock control   $MOCK_CONTROL_URL/calls
   console        $CONSOLE_URL
   logs           ${folder#"$PWD/"}/gateway.log, ${folder#"$PWD/"}/mock.log

In another terminal:

   . ${folder#"$PWD/"}/env

   # sign in
   TOKEN=\$(curl -s --cacert "\$GATEWAY_CA" "\$GATEWAY_URL/apigovernance/api/oauth/tokenByAkSk" \\
       -H 'Content-Type: application/json' -H 'X-Token-Expire: 3600' \\
       -d "{\"app_key\":\"\$APP_KEY\",\"app_secret\":\"\$APP_SECRET\"}" | sed 's/.*"AccessToken":"\([^"]*\)".*/\1/')

   # place a call: caller is the agent, called the customer
   curl -s --cacert "\$GATEWAY_CA" "\$GATEWAY_URL$API/v1/mobileAgent/createCall" \\
       -H 'Content-Type: application/json' -H "Authorization: Bearer \$TOKEN" \\
       -d '{"caller":"13800000001","called":"057100000002"}'

   # how it goes: 0 waiting, 1 calling, 2 talking, 3 ended
   curl -s --cacert "\$GATEWAY_CA" "\$GATEWAY_URL$API/v1/mobileAgent/queryCallState" \\
       -H 'Content-Type: application/json' -H "Authorization: Bearer \$TOKEN" -d '{"callSerialNo":"..."}'

   # the calls of the last hour
   curl -s --cacert "\$GATEWAY_CA" "\$GATEWAY_URL$API/v1/mobileAgent/queryCallDetailRecord" \\
       -H 'Content-Type: application/json' -H "Authorization: Bearer \$TOKEN" \\
       -d "{\"startTime\":\"\$((\$(date +%s) - 3600))000\",\"endTime\":\"\$((\$(date +%s) + 60))000\"}"

   # as an operator: who may sign in at the console, what happens, whether all is well
   $program user create root --role sysadmin --config $conf
   $program top --config $conf
   $program doctor --tenant $TENANT --config $conf

Customers whose number ends in 0017 are busy, in 0019 do not answer; mock_ita/README.md lists the others.
END

wait -n "$gateway_pid" "$mock_pid" || true
give_up "a program ended by itself, see ${folder#"$PWD/"}/*.log"
