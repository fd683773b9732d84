#!/usr/bin/env bash
# apt: haproxy haproxy
# Passes PORT on to PORT+1 with a PROXY header of version 1, PORT+2 with one of version 2, and PORT+3, whose
# clients send a header of either version, with one of version 2.
cat >"$2/haproxy.cfg" <<CONF
global
  maxconn 100
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen one
  bind 127.0.0.1:$1
  server test 127.0.0.1:$(($1 + 1)) send-proxy
listen two
  bind 127.0.0.1:$(($1 + 2))
  server test 127.0.0.1:$(($1 + 1)) send-proxy-v2 proxy-v2-options crc32c
listen chain
  bind 127.0.0.1:$(($1 + 3)) accept-proxy
  server test 127.0.0.1:$(($1 + 1)) send-proxy-v2
CONF
PATH=$PATH:/usr/sbin
exec haproxy -db -f "$2/haproxy.cfg"
