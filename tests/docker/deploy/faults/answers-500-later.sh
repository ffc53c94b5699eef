#!/bin/sh
# A version that is right until it was looked at for some seconds with visitors there, and then answers 500 for its page. What it is told it keeps.
if [ "${MAGNETIQ__PROFILE:-}:$1" = production:serve ]; then
    rm -f /tmp/looks /tmp/broken
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
        proxy_set_header Host $http_host;
        location / { proxy_pass http://127.0.0.1:3999; }
        location = / {
            if (-f /tmp/broken) { return 500; }
            proxy_pass http://127.0.0.1:3999;
        }
        # What only a deployment asks for: in its trial, in its smoke test, and each second of its watch.
        location = /health/features {
            access_log /tmp/looks;
            proxy_pass http://127.0.0.1:3999;
        }
    }
}
CONF
    nginx -c /tmp/nginx.conf
    (until [ "$(wc -l </tmp/looks)" -ge 5 ]; do sleep 0.1; done; touch /tmp/broken) &
    export MAGNETIQ__SERVER__TRUSTED_PROXIES="$MAGNETIQ__SERVER__TRUSTED_PROXIES,127.0.0.0/8"
    MAGNETIQ__SERVER__PORT=3999 exec /usr/local/bin/magnetiq api-server "$@"
fi
exec /usr/local/bin/magnetiq api-server "$@"
