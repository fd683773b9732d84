#!/usr/bin/env bash
# apt: rabbitmq-server /usr/lib/rabbitmq/bin/rabbitmq-server
# AMQP on PORT; PORT+1 and PORT+2 are for Erlang; STOMP on PORT+3, MQTT on PORT+4.
mkdir -p "$2/home"
cat >"$2/rabbitmq.conf" <<CONF
listeners.tcp.1 = 127.0.0.1:$1
stomp.listeners.tcp.1 = 127.0.0.1:$(($1 + 3))
mqtt.listeners.tcp.1 = 127.0.0.1:$(($1 + 4))
CONF
: >"$2/environment.conf"
echo '[rabbitmq_amqp1_0, rabbitmq_mqtt, rabbitmq_stomp].' >"$2/plugins"
export HOME=$2/home RABBITMQ_BASE=$2 RABBITMQ_MNESIA_BASE=$2/data RABBITMQ_LOG_BASE=$2/logs \
  RABBITMQ_CONFIG_FILE=$2/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$2/plugins \
  RABBITMQ_CONF_ENV_FILE=$2/environment.conf RABBITMQ_NODENAME=framewright@localhost \
  RABBITMQ_DIST_PORT=$(($1 + 1)) ERL_EPMD_PORT=$(($1 + 2)) ERL_EPMD_ADDRESS=127.0.0.1 \
  RABBITMQ_PID_FILE=$2/pid RABBITMQ_FEATURE_FLAGS_FILE=$2/flags \
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}"
epmd -port "$(($1 + 2))" -address 127.0.0.1 &
exec /usr/lib/rabbitmq/bin/rabbitmq-server
