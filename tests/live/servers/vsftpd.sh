#!/usr/bin/env bash
# apt: vsftpd vsftpd
mkdir -p "$2/files/upload" "$2/empty"
head -c 10485760 /dev/urandom >"$2/files/large"
chown ftp "$2/files/upload"
printf 'hello\n220 no\n\nwelcome\n' >"$2/banner"
cat >"$2/vsftpd.conf" <<CONF
listen=YES
listen_address=127.0.0.1
listen_port=$1
background=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=$2/files
anon_upload_enable=YES
anon_umask=022
write_enable=YES
pasv_min_port=$(($1 + 1))
pasv_max_port=$(($1 + 4))
banner_file=$2/banner
secure_chroot_dir=$2/empty
seccomp_sandbox=NO
CONF
PATH=$PATH:/usr/sbin
exec vsftpd "$2/vsftpd.conf"
