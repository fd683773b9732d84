#!/usr/bin/env bash
# apt: dbus dbus-daemon
# On PORT, and on the socket FOLDER/bus.
cat >"$2/bus.conf" <<XML
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>tcp:host=127.0.0.1,port=$1,family=ipv4</listen>
  <listen>unix:path=$2/bus</listen>
  <auth>EXTERNAL</auth>
  <auth>ANONYMOUS</auth>
  <allow_anonymous/>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="*"/>
    <allow receive_type="*"/>
  </policy>
</busconfig>
XML
exec dbus-daemon --nofork --nopidfile --config-file="$2/bus.conf"
