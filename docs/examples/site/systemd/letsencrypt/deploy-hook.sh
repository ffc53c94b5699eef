#!/bin/sh
# made by `cargo xtask manifests`
# For /etc/letsencrypt/renewal-hooks/deploy/: certbot starts it after each renewal, which its timer tries twice a day. nginx takes up the new
# certificate without dropping a connection, once it was found to be right.
set -eu

live=/etc/letsencrypt/live/www.example.org
[ "${RENEWED_LINEAGE:-$live}" = "$live" ] || exit 0

[ "$(openssl x509 -in "$live/fullchain.pem" -noout -pubkey)" = "$(openssl pkey -in "$live/privkey.pem" -pubout)" ] || {
    echo "the key does not belong to the certificate: nginx keeps the one before" >&2
    exit 1
}
openssl x509 -in "$live/fullchain.pem" -noout -checkend 86400
openssl x509 -in "$live/fullchain.pem" -noout -checkhost www.example.org | grep -q "does match"
nginx -t -q
nginx -s reload
