#!/usr/bin/env bash
# apt: mosquitto mosquitto
cat >"$2/mosquitto.conf" <<CONF
listener $1 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
CONF
[ "$EUID" -eq 0 ] && echo "user root" >>"$2/mosquitto.conf"
exec mosquitto -c "$2/mosquitto.conf"
