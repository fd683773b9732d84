#!/usr/bin/env bash
# apt: beanstalkd beanstalkd
exec beanstalkd -l 127.0.0.1 -p "$1" -z 1048576
