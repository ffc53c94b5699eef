#!/bin/sh
# made by `cargo xtask manifests`
# Gets the certificate of the site and renews it. A new one is looked at before it is put in the place of the old one, in one step; the
# proxy sees that and takes it up. What goes wrong is tried again, and the old certificate stays meanwhile.
set -eu

tls=/etc/magnetiq/tls
state=$tls/letsencrypt

# Whether the certificate in $1 is what browsers will take: the key belongs to it, it is for every host, and it lasts longer than a day.
is_right() {
    [ "$(openssl x509 -in "$1/fullchain.pem" -noout -pubkey)" = "$(openssl pkey -in "$1/privkey.pem" -pubout)" ] || return 1
    openssl x509 -in "$1/fullchain.pem" -noout -checkend 86400 >/dev/null || return 1
    for host in www.example.org example.org; do
        openssl x509 -in "$1/fullchain.pem" -noout -checkhost "$host" | grep -q "does match" || return 1
    done
}

# Puts the certificate of the folder $1 where the proxy looks.
put() {
    version=$(date -u +%Y%m%dT%H%M%SZ)
    mkdir -p "$tls/versions/$version"
    cp -L "$1/fullchain.pem" "$1/privkey.pem" "$tls/versions/$version/"
    chmod 0600 "$tls/versions/$version/privkey.pem"
    if ! is_right "$tls/versions/$version"; then
        echo "the certificate in $1 is not right for this site: the one before stays" >&2
        rm -r "$tls/versions/$version"
        return 1
    fi
    ln -sfn "versions/$version" "$tls/live.new"
    mv -f -T "$tls/live.new" "$tls/live"
    echo "the certificate of $version is in place" >&2
    # Three to go back to; names of times sort as the times do.
    find "$tls/versions" -mindepth 1 -maxdepth 1 | sort -r | tail -n +4 | while read -r old; do rm -r "$old"; done
}

# The proxy wants something to begin with, and no authority issues anything before the proxy is there.
if [ ! -s "$tls/live/fullchain.pem" ]; then
    mkdir -p /tmp/first
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=www.example.org" \
        -addext "subjectAltName=DNS:www.example.org,DNS:example.org" -keyout /tmp/first/privkey.pem -out /tmp/first/fullchain.pem 2>/dev/null
    put /tmp/first
    rm -r /tmp/first
fi

trap 'exit 0' TERM INT
# Not before the proxy can have taken it up.
pause=20
while true; do
    sleep "$pause" &
    wait $!
    # Nothing happens before it is time, which the authority says itself (ARI).
    if certbot certonly --non-interactive --agree-tos --email ops@example.org --server https://acme-v02.api.letsencrypt.org/directory \
        --webroot --webroot-path /var/lib/magnetiq/acme --domain www.example.org --domain example.org --cert-name site --keep-until-expiring --expand \
        --config-dir "$state" --work-dir /tmp/certbot --logs-dir /tmp/certbot; then
        pause=43200
        if ! cmp -s "$state/live/site/fullchain.pem" "$tls/live/fullchain.pem"; then
            put "$state/live/site" || pause=900
        fi
    else
        # An authority allows few failures in an hour.
        pause=1800
    fi
done
