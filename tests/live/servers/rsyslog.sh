#!/usr/bin/env bash
# apt: rsyslog rsyslogd
# Reads octet-counted messages and lines on PORT, and writes them to FOLDER/out; forwards them to PORT+1,
# octet-counted.
cat >"$2/rsyslog.conf" <<CONF
global(workDirectory="$2" maxMessageSize="2m" net.enableDNS="off")
module(load="imtcp")
input(type="imtcp" port="$1" address="127.0.0.1" ruleset="out" MaxFrameSize="2000000")
template(name="raw" type="string" string="%rawmsg%")
template(name="line" type="string" string="%rawmsg%\n")
ruleset(name="out") {
  action(type="omfile" file="$2/out" template="line")
  action(type="omfwd" target="127.0.0.1" port="$(($1 + 1))" protocol="tcp" template="raw"
    TCP_Framing="octet-counted" action.resumeInterval="1" action.resumeRetryCount="-1"
    queue.type="LinkedList")
}
CONF
exec rsyslogd -n -f "$2/rsyslog.conf" -i "$2/pid"
