#!/bin/sh
# made by `cargo xtask manifests`
# Gets the certificate of the site and renews it. A new one is looked at before it is put in the place of the old one, in one step; the
# proxy sees that and takes it up. What goes wrong is tried again, and the old certificate stays meanwhile.
set -eu

tls=/etc/magnetiq/tls
state=$tls/letsencrypt
server=https://acme-v02.api.letsencrypt.org/directory

# Whether the certificate in $1 is what browsers will take: the key belongs to it, it is for every host, and it lasts longer than a day.
is_right() {
    [ "$(openssl x509 -in "$1/fullchain.pem" -noout -pubkey)" = "$(openssl pkey -in "$1/privkey.pem" -pubout)" ] || {
        echo "the key does not belong to the certificate" >&2
        return 1
    }
    openssl x509 -in "$1/fullchain.pem" -noout -checkend 86400 >/dev/null || {
        echo "the certificate ends within a day" >&2
        return 1
    }
    for host in www.example.org example.org; do
        openssl x509 -in "$1/fullchain.pem" -noout -checkhost "$host" | grep -q "does match" || {
            echo "the certificate is not for $host" >&2
            return 1
        }
    done
}

# Copies the certificate of the folder $1 to where nginx reads it, in one step, where it is right. Each gets a folder of its own, also two of one
# second, so what is not right can not come over what is in use.
put() {
    mkdir -p "$tls/versions"
    new=$(mktemp -d "$tls/versions/$(date -u +%Y%m%dT%H%M%SZ).XXXXXX") || return 1
    if ! { cp -L "$1/fullchain.pem" "$1/privkey.pem" "$new/" && is_right "$new"; }; then
        echo "the certificate in $1 is not right for this site: the one before stays" >&2
        rm -r "$new"
        return 1
    fi
    chmod 0644 "$new/fullchain.pem"
    chmod 0600 "$new/privkey.pem"
    chmod 0755 "$new"
    ln -sfn "versions/${new##*/}" "$tls/live.new" && mv -f -T "$tls/live.new" "$tls/live" || return 1
    echo "the certificate of ${new##*/} is in place" >&2
    # Three to go back to; names of times sort as the times do, unless somebody sets the clock back.
    find "$tls/versions" -mindepth 1 -maxdepth 1 | sort -r | tail -n +4 | while read -r old; do [ "$old" = "$new" ] || rm -r "$old"; done
}

# Puts one there to begin with, which no browser believes: nginx wants something, and no authority issues anything before nginx answers. The hosts
# stand in the extension alone, since a subject has no room for names of more than 64 characters.
first() {
    made=$(mktemp -d)
    said=$(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/O=first" \
        -addext "subjectAltName=DNS:www.example.org,DNS:example.org" -keyout "$made/privkey.pem" -out "$made/fullchain.pem" 2>&1) || {
        echo "$said" >&2
        exit 1
    }
    put "$made"
    rm -r "$made"
}

[ -s "$tls/live/fullchain.pem" ] || first

trap 'exit 0' TERM INT
# Not before the proxy can have taken it up.
pause=20
while true; do
    sleep "$pause" &
    wait $!
    # Nothing happens before it is time, which the authority says itself (ARI); another authority than the last one is no reason for certbot.
    when=--keep-until-expiring
    if [ -e "$state/renewal/site.conf" ] && ! grep -qxF "server = $server" "$state/renewal/site.conf"; then when=--force-renewal; fi
    if certbot certonly --non-interactive --agree-tos --email ops@example.org --server "$server" \
        --webroot --webroot-path /var/lib/magnetiq/acme --domain www.example.org --domain example.org --cert-name site "$when" --expand \
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
