#!/usr/bin/env bash
# apt: git git
# Serves /repository.git with a file of 5 MiB, and accepts pushes.
set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null HOME=$2
cd "$2"
git init -q -b main work
head -c 5242880 /dev/urandom >work/random
git -C work add random
git -C work -c user.name=a -c user.email=a@example.com commit -q -m first
mkdir served
git clone -q --bare work served/repository.git
exec git daemon --reuseaddr --listen=127.0.0.1 --port="$1" --base-path="$2/served" --export-all \
  --enable=receive-pack
