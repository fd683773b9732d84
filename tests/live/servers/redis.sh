#!/usr/bin/env bash
# apt: redis-server redis-server
exec redis-server --port "$1" --bind 127.0.0.1 --dir "$2" --save "" --appendonly no
