#!/usr/bin/env bash
# apt: openssl openssl
# Reverses lines, over TLS; the certificate is in FOLDER/server.crt.
set -e
cd "$2"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key \
  -out server.crt -days 2 -subj /CN=localhost \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext keyUsage=digitalSignature \
  -addext extendedKeyUsage=serverAuth
exec openssl s_server -accept "127.0.0.1:$1" -key server.key -cert server.crt -rev -quiet
