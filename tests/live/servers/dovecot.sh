#!/usr/bin/env bash
# apt: dovecot-imapd /usr/lib/dovecot/imap
# apt: dovecot-pop3d /usr/lib/dovecot/pop3
# apt: dovecot-lmtpd /usr/lib/dovecot/lmtp
# IMAP on PORT, POP3 on PORT+1, LMTP on PORT+2. Every user has the password "secret".
mkdir -p "$2/mail" "$2/run"
group=$(id -gn nobody)
chown "nobody:$group" "$2/mail"
cat >"$2/dovecot.conf" <<CONF
base_dir = $2/run
state_dir = $2/run
log_path = /dev/stderr
protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$2/mail/%u
first_valid_uid = 1
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=$group home=$2/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $1
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = $(($1 + 1))
  }
  inet_listener pop3s {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    port = $(($1 + 2))
  }
}
CONF
PATH=$PATH:/usr/sbin
exec dovecot -F -c "$2/dovecot.conf"
