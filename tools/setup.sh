# shellcheck shell=bash
# setup.sh BUILD NAME, sourced by demo.sh and run.sh: a gateway and a mock ITA on free loopback ports, over TLS, with
# fresh certificates, a fresh database, and a tenant set up as an operator would. What it makes is in build/NAME/. All
# keys, people and numbers are made up.

case $1 in
/*) build=$1 ;;
*) build=$PWD/$1 ;;
esac
folder=$PWD/build/$2

TENANT=acme
ITA_ACCESS_KEY=FAKEITAACCESSKEY0001
ITA_SECRET_KEY=fake-ita-secret-key-for-the-demo
ITA_APP_KEY=fake-ita-app-key-0001
X_NUMBERS=(057100000091 057100000092)
X_NUMBERS_OF_OTHERS=(057100000093 057100000094 057100000095) # which the ITA may choose in mode Automatic
export API=/apiaccess/CC-Management
# For follow_call.py.
export GATEWAY_URL GATEWAY_CA MOCK_CONTROL_URL TOKEN
gateway_pid=
mock_pid=

say() { printf '%s\n' "$*"; }
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
give_up() { printf 'setup: %s\n' "$*" >&2; exit 1; }

if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold='' dim='' plain=''; fi

stop_all() {
    trap - EXIT INT TERM HUP
    local pid
    # The gateway first, so that it drains while the ITA still answers.
    for pid in $gateway_pid $mock_pid; do
        kill -TERM "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
}

# Waits until the program PID has written FILE; prints what it says.
await_file() { # FILE PID LOG
    local tries
    for ((tries = 0; tries < 400; tries++)); do
        if [ -s "$1" ]; then
            cat "$1"
            return
        fi
        kill -0 "$2" 2>/dev/null || { tail -5 "$3" >&2; give_up "it ended at once, see $3"; }
        sleep 0.05
    done
    give_up "$1 does not appear, see $3"
}

make_gateway_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=ita-gateway \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$folder/gateway.key" -out "$folder/gateway.crt" \
        2>/dev/null
}

free_port() { python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'; }

start_gateway() {
    make_gateway_certificate
    CONSOLE_URL=https://127.0.0.1:$(free_port)/ # known to subcommands, which find it in the configuration
    cat >"$folder/gateway.conf" <<END
listen = 127.0.0.1:0
admin-listen = $(printf %s "${CONSOLE_URL#https://}" | tr -d /)
tls-certificate = $folder/gateway.crt
tls-key = $folder/gateway.key
database = $folder/gateway.db
master-key-file = $folder/master.key
port-file = $folder/gateway.port
ita-local = yes
log-format = logfmt
END
    "$build/bin/ita-gateway" serve --config "$folder/gateway.conf" >"$folder/gateway.log" 2>&1 &
    gateway_pid=$!
    GATEWAY_URL=https://127.0.0.1:$(await_file "$folder/gateway.port" "$gateway_pid" "$folder/gateway.log")
    GATEWAY_CA=$folder/gateway.crt
}

start_mock() { # SPEED
    local x sold=()
    for x in "${X_NUMBERS_OF_OTHERS[@]}" "${X_NUMBERS[@]}"; do sold+=(--x-number "$x"); done
    "$build/bin/mock-ita" --listen 127.0.0.1:0 --tls --print-cert "$folder/shown-by-the-ita.der" \
        --access-key "$ITA_ACCESS_KEY" --secret-key "$ITA_SECRET_KEY" --app-key "$ITA_APP_KEY" --speed "$1" "${sold[@]}" \
        --push-url "$GATEWAY_URL/apiaccess/rest/cc-management/v1/ita/twopartiescall/statusnotify" \
        --push-ca "$GATEWAY_CA" --port-file "$folder/mock.port" \
        --control 127.0.0.1:0 --control-port-file "$folder/control.port" >"$folder/mock.log" 2>&1 &
    mock_pid=$!
    MOCK_CONTROL_URL=http://127.0.0.1:$(await_file "$folder/control.port" "$mock_pid" "$folder/mock.log")
    ITA_DOMAIN=127.0.0.1:$(await_file "$folder/mock.port" "$mock_pid" "$folder/mock.log")
    ITA_URL=https://$ITA_DOMAIN
    ITA_CA=$folder/ita.pem
}

# As one would type it: files relative, a line for each few options.
show_command() {
    local words="ita-gateway $*"
    words=${words//"$PWD/"/}
    words=${words// --access-key/ \\$'\n'        --access-key}
    words=${words// --app-key/ \\$'\n'        --app-key}
    say "   ${dim}\$ $words${plain}"
}

# Runs a subcommand on the gateway's database.
operator() {
    show_command "$@"
    "$build/bin/ita-gateway" "$@" --config "$folder/gateway.conf" >"$folder/operator.out" ||
        give_up "ita-gateway $1 $2 does not work"
}

# The ITA's certificate comes over the network unverified, so a person compares it with what the ITA tells otherwise.
install_ita_certificate() {
    show_command certificate fetch "$ITA_URL/v1/ngin/axmn" -o "$folder/ita.der"
    "$build/bin/ita-gateway" certificate fetch "$ITA_URL/v1/ngin/axmn" -o "$folder/ita.der" >"$folder/operator.out"
    cmp -s "$folder/ita.der" "$folder/shown-by-the-ita.der" || give_up "this is not the certificate of the ITA"
    openssl x509 -inform DER -in "$folder/ita.der" -out "$ITA_CA"
    operator certificate install CERT_ITA "$folder/ita.der"
}

set_up_tenant() {
    printf '%s\n' "$ITA_SECRET_KEY" >"$folder/ita-secret-key"
    install_ita_certificate
    operator tenant create "$TENANT"
    operator xnumber add "$TENANT" "${X_NUMBERS[@]}"
    operator bidirectional-call set "$TENANT" --type ita --domain "$ITA_DOMAIN" --access-key "$ITA_ACCESS_KEY" \
        --secret-key-file "$folder/ita-secret-key" --app-key "$ITA_APP_KEY" --x-mode automatic
    operator app-key create "$TENANT"
    APP_KEY=$(sed -n 's/^app_key=//p' "$folder/operator.out")
    APP_SECRET=$(sed -n 's/^app_secret=//p' "$folder/operator.out")
    rm -f "$folder/operator.out"
    await_sign_in
}

ask_token() {
    printf '{"app_key":"%s","app_secret":"%s"}' "$APP_KEY" "$APP_SECRET" |
        curl -sf --cacert "$GATEWAY_CA" "$GATEWAY_URL/apigovernance/api/oauth/tokenByAkSk" \
            -H 'Content-Type: application/json' -H 'X-Token-Expire: 3600' --data @-
}

# The daemon sees what the operator changed within a second; the app key came last. Asked more often, it would take it
# for guessing.
await_sign_in() {
    local tries answer
    for ((tries = 0; tries < 40; tries++)); do
        if answer=$(ask_token); then
            TOKEN=$(printf '%s' "$answer" | sed -n 's/.*"AccessToken":"\([^"]*\)".*/\1/p')
            return
        fi
        sleep 0.3
    done
    give_up "the new app key cannot sign in, see $folder/gateway.log"
}

# Writes what stands as shell variables, secrets too.
write_env() { # FILE
    local name
    for name in GATEWAY_URL GATEWAY_CA TENANT APP_KEY APP_SECRET ITA_URL ITA_CA ITA_ACCESS_KEY ITA_SECRET_KEY \
        ITA_APP_KEY MOCK_CONTROL_URL; do
        printf 'export %s=%q\n' "$name" "${!name}"
    done >"$1"
}

begin() { # SPEED
    local needed
    for needed in openssl curl python3 "$build/bin/ita-gateway" "$build/bin/mock-ita"; do
        command -v "$needed" >/dev/null || give_up "$needed is needed and not there"
    done
    umask 077 # keys and secrets are made here
    rm -rf "$folder"
    mkdir -p "$folder"
    trap stop_all EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    start_gateway
    start_mock "$1"
}
