#!/bin/sh
# @{mark}
# For /etc/letsencrypt/renewal-hooks/deploy/: certbot starts it after each renewal, which its timer tries twice a day. What is right is copied to
# where nginx reads it, and nginx takes it up without dropping a connection; what is not stays away from there, so nginx starts with the one
# before even then.
set -eu

live=/etc/letsencrypt/live/@{lineage}
tls=/etc/magnetiq/tls
[ "${RENEWED_LINEAGE:-$live}" = "$live" ] || exit 0

@{certificate}

install -d -m 0755 "$tls" "$tls/versions"
if [ "${1:-}" = --begin ]; then
    # install.sh brings nginx the site before it reads anything.
    if [ -e "$live/fullchain.pem" ]; then
        put "$live"
    elif [ ! -e "$tls/live/fullchain.pem" ]; then
        first
    fi
else
    put "$live"
    nginx -t -q
    nginx -s reload
fi
