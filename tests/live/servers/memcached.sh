#!/usr/bin/env bash
# apt: memcached memcached
# The text, meta and binary protocols are on one port.
user=()
[ "$EUID" -eq 0 ] && user=(-u root)
exec memcached "${user[@]}" -l 127.0.0.1 -p "$1" -U 0 -I 8m -m 128
