#!/usr/bin/env bash
# apt: mariadb-server mariadbd
# TLS is on, with a certificate in FOLDER/server.crt. Root has no password.
set -e
cd "$2"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key \
  -out server.crt -days 2 -subj /CN=localhost \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext keyUsage=digitalSignature \
  -addext extendedKeyUsage=serverAuth
user=()
if [ "$EUID" -eq 0 ]; then
  chown -R mysql .
  user=(--user=mysql)
fi
mariadb-install-db --no-defaults "${user[@]}" --datadir="$2/data" \
  --auth-root-authentication-method=normal --skip-test-db
exec mariadbd --no-defaults "${user[@]}" --datadir="$2/data" --port="$1" --bind-address=127.0.0.1 \
  --socket="$2/socket" --pid-file="$2/pid" --max-allowed-packet=64M --skip-name-resolve \
  --ssl-cert="$2/server.crt" --ssl-key="$2/server.key"
