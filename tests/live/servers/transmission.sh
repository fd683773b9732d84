#!/usr/bin/env bash
# apt: transmission-daemon transmission-daemon
# apt: openssl openssl
# Seeds FOLDER/data/file, whose torrent has the dictionary FOLDER/info.
mkdir "$2/data" "$2/watched"
head -c 1048576 /dev/urandom >"$2/data/file"
{
  printf 'd6:lengthi1048576e4:name4:file12:piece lengthi65536e6:pieces320:'
  for ((piece = 0; piece < 16; piece++)); do
    dd if="$2/data/file" bs=65536 skip="$piece" count=1 status=none | openssl dgst -sha1 -binary
  done
  printf e
} >"$2/info"
{
  printf d4:info
  cat "$2/info"
  printf e
} >"$2/watched/file.torrent"
cat >"$2/settings.json" <<JSON
{
  "bind-address-ipv4": "127.0.0.1",
  "dht-enabled": false,
  "download-dir": "$2/data",
  "encryption": 0,
  "lpd-enabled": false,
  "peer-port": $1,
  "pex-enabled": false,
  "port-forwarding-enabled": false,
  "rpc-enabled": false,
  "utp-enabled": false,
  "watch-dir": "$2/watched",
  "watch-dir-enabled": true
}
JSON
exec transmission-daemon --foreground --config-dir "$2"
