#!/usr/bin/env bash
# apt: bind9 named
# Serves example.test with 5,000 hosts: h1.example.test has the address 10.0.0.1, and so on. The name
# www.example.test is an alias of h1.example.test, which also has an IPv6 address.
{
  echo '$TTL 60'
  echo '@ SOA ns hostmaster 1 3600 600 86400 60'
  echo '  NS ns'
  echo 'ns A 127.0.0.1'
  echo 'www CNAME h1'
  echo 'h1 AAAA 2001:db8::1'
  for ((i = 1; i <= 5000; i++)); do echo "h$i A 10.0.$((i / 256)).$((i % 256))"; done
} >"$2/zone"
cat >"$2/named.conf" <<CONF
options {
  directory "$2"; pid-file "$2/pid"; session-keyfile "$2/session.key";
  listen-on port $1 { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; notify no; allow-transfer { any; };
};
controls { };
zone "example.test" { type primary; file "$2/zone"; };
CONF
exec named -g -c "$2/named.conf" -n 1
