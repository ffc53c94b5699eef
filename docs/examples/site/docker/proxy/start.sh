#!/bin/sh
# made by `cargo xtask manifests`
# nginx, and beside it somebody who looks at the certificate: a new one is taken up without dropping a connection, once nginx has read it
# and found nothing wrong.
set -eu

certificate=/etc/magnetiq/tls/live/fullchain.pem

while [ ! -s "$certificate" ]; do
    echo "waiting for the first certificate" >&2
    sleep 1
done

watch() {
    seen=$(cksum < "$certificate")
    while sleep 10; do
        now=$(cksum < "$certificate") || continue
        if [ "$now" != "$seen" ] && nginx -t -q; then
            echo "the certificate has changed: reloading" >&2
            nginx -s reload
            seen=$now
        fi
    done
}

watch &
exec nginx -g 'daemon off;'
