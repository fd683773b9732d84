#!/usr/bin/env bash
# apt: postfix /usr/sbin/postfix
# apt: dovecot-core dovecot
# Postfix for submission: clients start TLS, with a certificate in FOLDER/server.crt, and log in, as anybody with
# the password "secret", which Dovecot verifies. Mails to example.test are delivered to FOLDER/mails/new.
# Postfix starts only as root.
set -e
PATH=$PATH:/usr/sbin
cd "$2"
mkdir -p conf queue data mails dovecot
chown nobody mails
chown postfix data
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key \
  -out server.crt -days 2 -subj /CN=localhost \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -addext keyUsage=digitalSignature \
  -addext extendedKeyUsage=serverAuth
cat >dovecot.conf <<CONF
base_dir = $2/dovecot
state_dir = $2/dovecot
log_path = /dev/stderr
protocols =
ssl = no
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=$(id -gn nobody) home=$2
}
service auth {
  unix_listener $2/login {
    user = postfix
    mode = 0600
  }
}
CONF
cat >conf/main.cf <<CONF
compatibility_level = 3.6
maillog_file = /dev/stdout
queue_directory = $2/queue
data_directory = $2/data
inet_interfaces = 127.0.0.1
myhostname = mail.example.test
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.test
virtual_mailbox_base = $2
virtual_mailbox_maps = static:mails/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
virtual_minimum_uid = 1
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = $2/server.crt
smtpd_tls_key_file = $2/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = $2/login
smtpd_relay_restrictions = permit_sasl_authenticated, reject
CONF
cat >conf/master.cf <<CONF
127.0.0.1:$1 inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
CONF
dovecot -F -c "$2/dovecot.conf" &
until [ -S login ]; do sleep 0.1; done
postfix -c "$2/conf" check
# Not by `postfix start-fg`, which would leave this process group.
export MAIL_CONFIG=$2/conf
exec "$(postconf -h daemon_directory)/master" -d
