#!/usr/bin/env bash
# apt: nats-server nats-server
printf 'listen: "127.0.0.1:%s"\nmax_payload: 4194304\n' "$1" >"$2/nats.conf"
exec nats-server -c "$2/nats.conf"
