#!/usr/bin/env bash
# apt: postfix /usr/sbin/smtp-sink
# The test server of Postfix. Mails are in FOLDER/mails, each in a file.
mkdir -p "$2/mails"
user=()
if [ "$EUID" -eq 0 ]; then
  chown nobody "$2/mails"
  user=(-u nobody)
fi
cd "$2/mails"
exec /usr/sbin/smtp-sink "${user[@]}" -h sink.test -d "$2/mails/%S." "127.0.0.1:$1" 100
