#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Start the webhook on the loopback, post a real review of a 2-node MPIJob's worker to it and show the patch.
#
#     deploy/demo.sh keep    goes on serving until Ctrl-C (make run)
#     deploy/demo.sh once    stops when the patch is shown (make demo)
#
# Needs the programs built and certs/dev made; the Makefile's targets see to that.
set -eu

mode=${1:-}
if [ "$mode" != keep ] && [ "$mode" != once ]; then
    echo "usage: deploy/demo.sh keep|once" >&2
    exit 2
fi
cd "$(dirname "$0")/.."
webhook=${EFA_BIN:-build/bin}/efa-webhook
certificates=${EFA_CERTS:-certs/dev}
review=deploy/demo/mpijob-worker-review.json
work=$(mktemp -d)
server=
follower=

clean_up() {
    status=$?
    trap - EXIT INT TERM HUP
    [ -z "$follower" ] || kill "$follower" 2>/dev/null || true
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" || status=$?
    fi
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() {
    printf '\n== %s\n' "$1"
}

fail() {
    echo "demo: $1" >&2
    cat "$work/errors" >&2
    exit 1
}

# start HTTPS_PORT PLAIN_PORT: false when a port is taken
start() {
    : >"$work/log"
    "$webhook" --tls-cert "$certificates/tls.crt" --tls-key "$certificates/tls.key" --drain-delay 0 \
        --listen "127.0.0.1:$1" --plain-listen "127.0.0.1:$2" >"$work/log" 2>"$work/errors" &
    server=$!
    tries=0
    until grep -q '"event":"started"' "$work/log"; do
        if ! kill -0 "$server" 2>/dev/null; then
            wait "$server" || true
            server=
            if grep -q 'in use' "$work/errors"; then
                return 1
            fi
            fail "the webhook did not start"
        fi
        tries=$((tries + 1))
        [ "$tries" -lt 200 ] || fail "the webhook did not start within 10 seconds"
        sleep 0.05
    done
}

port_of() {
    sed -n "s/.*\"event\":\"started\".*\"$1\":\([0-9]*\).*/\1/p" "$work/log"
}

# The operations of the answer, one a line.
show_patch() {
    python3 -c '
import base64, json, sys
response = json.load(sys.stdin)["response"]
if not response["allowed"]:
    sys.exit("demo: denied: " + response["status"]["message"])
operations = json.loads(base64.b64decode(response["patch"]))
for operation in operations:
    print("  add", operation["path"])
    print("     ", json.dumps(operation["value"], ensure_ascii=False))
for warning in response.get("warnings", []):
    print("  warning:", warning)
' <"$work/answer"
}

start 8443 8080 || start 0 0 || fail "no port is free"
https=$(port_of httpsPort)
plain=$(port_of plainPort)
say "The webhook serves on https://127.0.0.1:$https/mutate, probes and metrics on http://127.0.0.1:$plain"
curl -sS --fail "http://127.0.0.1:$plain/readyz"

say "Posted over TLS: one of two workers of an MPIJob, p5.48xlarge, 8 GPUs, no EFA ($review)"
curl -sS --fail-with-body --cacert "$certificates/ca.crt" -H 'content-type: application/json' \
    --data-binary "@$review" -o "$work/answer" "https://127.0.0.1:$https/mutate?timeout=10s" ||
    fail "the review was refused: $(cat "$work/answer" 2>/dev/null)"

say "The patch that came back (base64 on the wire):"
show_patch

"$webhook" --print-patch "$review" -o review >"$work/offline" || fail "--print-patch failed"
if [ "$(cat "$work/answer")" != "$(cat "$work/offline")" ]; then
    fail "the server and --print-patch answer differently"
fi
say "efa-webhook --print-patch $review -o review gives the same bytes offline: checked"

say "Your own:"
cat <<END
  $webhook --print-patch YOUR.yaml -o diff        what would change in a manifest (no server needed)
  $webhook --print-patch YOUR.yaml -o explain     and why
  curl --cacert $certificates/ca.crt -H 'content-type: application/json' \\
      --data-binary @YOUR-REVIEW.json 'https://127.0.0.1:$https/mutate'
END

if [ "$mode" = keep ]; then
    say "Serving; its log follows. Ctrl-C stops it."
    trap 'exit 0' INT
    tail -n +1 -f "$work/log" &
    follower=$!
    wait "$server" || fail "the webhook ended"
    server=
fi
