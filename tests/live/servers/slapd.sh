#!/usr/bin/env bash
# apt: slapd slapd
# The database dc=test is empty; cn=admin,dc=test has the password "secret".
mkdir -p "$2/db"
cat >"$2/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
pidfile $2/pid
modulepath /usr/lib/ldap
moduleload back_mdb
sockbuf_max_incoming 8388608
database mdb
maxsize 134217728
suffix "dc=test"
rootdn "cn=admin,dc=test"
rootpw secret
directory $2/db
CONF
PATH=$PATH:/usr/sbin
exec slapd -f "$2/slapd.conf" -h "ldap://127.0.0.1:$1" -d 0
