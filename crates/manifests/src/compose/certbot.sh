#!/bin/sh
# @{mark}
# Gets the certificate of the site and renews it. A new one is looked at before it is put in the place of the old one, in one step; the
# proxy sees that and takes it up. What goes wrong is tried again, and the old certificate stays meanwhile.
set -eu

tls=@{tls}
state=$tls/letsencrypt
server=@{server}

@{certificate}

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
    if certbot certonly --non-interactive --agree-tos --email @{contact} --server "$server" \
        --webroot --webroot-path @{acme} @{names} --cert-name site "$when" --expand \
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
