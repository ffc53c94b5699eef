#!/bin/sh
# made by `cargo xtask manifests`
# For /etc/letsencrypt/renewal-hooks/deploy/: certbot starts it after each renewal, which its timer tries twice a day. What is right is copied to
# where nginx reads it, and nginx takes it up without dropping a connection; what is not stays away from there, so nginx starts with the one
# before even then.
set -eu

live=/etc/letsencrypt/live/www.example.org
tls=/etc/magnetiq/tls
[ "${RENEWED_LINEAGE:-$live}" = "$live" ] || exit 0

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
