#!/usr/bin/env bash
# apt: postgresql /usr/lib/postgresql/*/bin/postgres
# TLS is on, with a certificate in FOLDER/server.crt. PostgreSQL does not run as root. It requires the password
# of "ada" in plain text, that of "grace" by SCRAM, and none of "postgres".
set -e
programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | tail -n 1)
cd "$2"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key \
  -out server.crt -days 2 -subj /CN=localhost \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext keyUsage=digitalSignature \
  -addext extendedKeyUsage=serverAuth
chmod 600 server.key
run=()
if [ "$EUID" -eq 0 ]; then
  chown -R postgres .
  run=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
"${run[@]}" "$programs/initdb" -D data -A trust -U postgres -E UTF8 --locale=C -N
{
  echo 'host all ada 127.0.0.1/32 password'
  echo 'host all grace 127.0.0.1/32 scram-sha-256'
  cat data/pg_hba.conf
} >hba
exec "${run[@]}" "$programs/postgres" -D data -p "$1" -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= -c hba_file="$2/hba" -c fsync=off -c ssl=on -c ssl_cert_file="$2/server.crt" \
  -c ssl_key_file="$2/server.key"
