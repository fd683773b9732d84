#!/usr/bin/env bash
# apt: nginx-light nginx
# FOLDER/www is served; included files of .shtml files make chunked responses. PUT writes to /up/.
cd "$2"
mkdir -p www/up tmp
echo hello >www/index.html
head -c 10485760 /dev/zero | tr '\0' x >www/large.html
echo 'first <!--#include virtual="/index.html" --> last' >www/page.shtml
cat >nginx.conf <<CONF
daemon off; master_process off; pid $2/pid; error_log $2/error.log;
events { worker_connections 256; }
http {
  access_log off; keepalive_requests 100000; client_max_body_size 64m;
  client_body_temp_path $2/tmp; proxy_temp_path $2/tmp; fastcgi_temp_path $2/tmp;
  scgi_temp_path $2/tmp; uwsgi_temp_path $2/tmp;
  types { text/html html shtml; }
  server {
    listen 127.0.0.1:$1; root $2/www;
    location ~ shtml\$ { ssi on; }
    location /none { return 204; }
    location /up/ { dav_methods PUT DELETE; }
  }
}
CONF
[ "$EUID" -eq 0 ] && sed -i '1i user root;' nginx.conf
exec nginx -c "$2/nginx.conf" -p "$2"
