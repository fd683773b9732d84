#!/usr/bin/env bash
# apt: diod diod
# Exports FOLDER/files.
mkdir -p "$2/files"
PATH=$PATH:/usr/sbin
exec diod -f -n -l "127.0.0.1:$1" -e "$2/files" -c /dev/null
