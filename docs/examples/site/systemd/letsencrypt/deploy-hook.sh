#!/bin/sh
# made by `cargo xtask manifests`
# For /etc/letsencrypt/renewal-hooks/deploy/: certbot starts it after each renewal, which its timer tries twice a day. What is right is copied to
# where nginx reads it, and nginx takes it up without dropping a connection; what is not stays away from there, so nginx starts with the one
# before even then.
set -eu

live=/etc/letsencrypt/live/www.example.org
tls=/etc/magnetiq/tls
[ "${RENEWED_LINEAGE:-$live}" = "$live" ] || exit 0

install -d -m 0755 "$tls" "$tls/versions"
new=$(mktemp -d "$tls/versions/$(date -u +%Y%m%dT%H%M%SZ).XXXXXX")
trap '[ "$(readlink "$tls/live" || true)" = "versions/${new##*/}" ] || rm -r "$new"' EXIT
chmod 0755 "$new"
install -m 0644 "$live/fullchain.pem" "$new/fullchain.pem"
install -m 0600 "$live/privkey.pem" "$new/privkey.pem"

[ "$(openssl x509 -in "$new/fullchain.pem" -noout -pubkey)" = "$(openssl pkey -in "$new/privkey.pem" -pubout)" ] || {
    echo "the key does not belong to the certificate: nginx keeps the one before" >&2
    exit 1
}
openssl x509 -in "$new/fullchain.pem" -noout -checkend 86400
for host in www.example.org example.org; do
    openssl x509 -in "$new/fullchain.pem" -noout -checkhost "$host" | grep -q "does match" || {
        echo "the certificate is not for $host: nginx keeps the one before" >&2
        exit 1
    }
done

ln -sfn "versions/${new##*/}" "$tls/live.new"
mv -f -T "$tls/live.new" "$tls/live"
# Three to go back to; names of times sort as the times do.
find "$tls/versions" -mindepth 1 -maxdepth 1 | sort -r | tail -n +4 | while read -r old; do rm -r "$old"; done
# install.sh brings nginx the site before it reads anything.
[ "${1:-}" != --no-reload ] || exit 0
nginx -t -q
nginx -s reload
