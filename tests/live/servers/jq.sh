#!/usr/bin/env bash
# apt: jq jq
# apt: socat socat
# Sends back JSON text sequences on PORT, values on lines on PORT+1, and values of several lines on PORT+2.
socat "TCP-LISTEN:$(($1 + 2)),bind=127.0.0.1,reuseaddr,fork" EXEC:"jq --unbuffered ." &
socat "TCP-LISTEN:$(($1 + 1)),bind=127.0.0.1,reuseaddr,fork" EXEC:"jq --unbuffered -c ." &
exec socat "TCP-LISTEN:$1,bind=127.0.0.1,reuseaddr,fork" EXEC:"jq --unbuffered --seq ."
