#!/usr/bin/env bash
# apt: vsftpd vsftpd
# Serves FOLDER/files to anonymous users.
mkdir -p "$2/files" "$2/empty"
echo "hello" >"$2/files/hello.txt"
cat >"$2/vsftpd.conf" <<CONF
listen=YES
listen_address=127.0.0.1
listen_port=$1
background=NO
anonymous_enable=YES
no_anon_password=NO
anon_root=$2/files
secure_chroot_dir=$2/empty
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
xferlog_enable=NO
banner_file=$2/banner
CONF
printf '220-looks like another code\nsecond line\n 220 indented\n' >"$2/banner"
PATH=$PATH:/usr/sbin
exec vsftpd "$2/vsftpd.conf"
