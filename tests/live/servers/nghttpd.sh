#!/usr/bin/env bash
# apt: nghttp2-server nghttpd
mkdir "$2/www"
echo hello >"$2/www/index.html"
head -c 1048576 /dev/zero | tr '\0' x >"$2/www/large"
exec nghttpd --no-tls --echo-upload -a 127.0.0.1 -d "$2/www" "$1"
