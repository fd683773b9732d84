#!/usr/bin/env bash
# apt: ngircd ngircd
cat >"$2/ngircd.conf" <<CONF
[Global]
 Name = irc.example.test
 Info = test
 Listen = 127.0.0.1
 Ports = $1
 MotdPhrase = hello
 ServerUID = $EUID
 ServerGID = $(id -g)
[Limits]
 MaxPenaltyTime = 0
 MaxConnectionsIP = 50
[Options]
 DNS = no
 Ident = no
 PAM = no
CONF
chmod 600 "$2/ngircd.conf"
PATH=$PATH:/usr/sbin
exec ngircd -n -f "$2/ngircd.conf"
