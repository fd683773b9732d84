#!/usr/bin/env bash
# apt: openssh-server sshd
PATH=$PATH:/usr/sbin
[ "$EUID" -eq 0 ] && mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N "" -f "$2/key"
cat >"$2/config" <<CONF
Port $1
ListenAddress 127.0.0.1
HostKey $2/key
UsePAM no
PidFile $2/pid
PasswordAuthentication no
CONF
exec "$(command -v sshd)" -D -e -f "$2/config"
