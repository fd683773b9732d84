#!/usr/bin/env bash
# apt: mosquitto mosquitto
# On PORT+1 it requires the user "ada" and the password "secret".
: >"$2/passwords"
mosquitto_passwd -b "$2/passwords" ada secret
cat >"$2/mosquitto.conf" <<CONF
per_listener_settings true
listener $1 127.0.0.1
allow_anonymous true
listener $(($1 + 1)) 127.0.0.1
password_file $2/passwords
persistence false
max_queued_messages 0
CONF
[ "$EUID" -eq 0 ] && echo "user root" >>"$2/mosquitto.conf"
exec mosquitto -c "$2/mosquitto.conf"
