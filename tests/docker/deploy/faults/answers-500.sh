#!/bin/sh
# A version that is ready, and answers everything else with 500.
if [ "${MAGNETIQ__PROFILE:-}:$1" = production:serve ]; then
    cat >/tmp/nginx.conf <<'CONF'
pid /tmp/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    server {
        listen 3036;
        location = /readyz { proxy_pass http://127.0.0.1:3999; }
        location / { return 500; }
    }
}
CONF
    nginx -c /tmp/nginx.conf
    MAGNETIQ__SERVER__PORT=3999 exec /usr/local/bin/magnetiq api-server "$@"
fi
exec /usr/local/bin/magnetiq api-server "$@"
