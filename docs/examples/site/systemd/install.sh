#!/bin/sh
# made by `cargo xtask manifests`
# Puts everything of this folder where it belongs, and makes the secrets that are missing. Run it as root; run it again after a change. The programs
# themselves (api-server, backupd, healthd) and nginx, openssl and certbot have to be there. With --no-start nothing is started, so that a site from
# elsewhere can be put in place before: then run it again without.
set -eu

case ${1:-} in
    '') start=yes ;;
    --no-start) start=no ;;
    *)
        echo "usage: install.sh [--no-start]" >&2
        exit 2
        ;;
esac

cd "$(dirname "$0")"
install -d -m 0755 /etc/magnetiq /usr/local/share/magnetiq/pages
install -d -m 0700 /etc/magnetiq/secrets
install -m 0644 magnetiq.env /etc/magnetiq/magnetiq.env
install -D -m 0644 sysusers.d/magnetiq.conf /etc/sysusers.d/magnetiq.conf
install -D -m 0644 tmpfiles.d/magnetiq.conf /etc/tmpfiles.d/magnetiq.conf
install -D -m 0644 sysctl.d/90-magnetiq.conf /etc/sysctl.d/90-magnetiq.conf
install -D -m 0644 limits.d/90-magnetiq.conf /etc/security/limits.d/90-magnetiq.conf
install -D -m 0644 logrotate.d/magnetiq /etc/logrotate.d/magnetiq
install -D -m 0755 as-site /usr/local/sbin/as-site
install -m 0644 nginx/pages/* /usr/local/share/magnetiq/pages/
install -m 0644 system/*.service /etc/systemd/system/
systemd-sysusers
systemd-tmpfiles --create /etc/tmpfiles.d/magnetiq.conf
sysctl --quiet --load /etc/sysctl.d/90-magnetiq.conf || echo "not all settings of the kernel could be changed: its owner is another machine?" >&2

missing=0
random() {
    [ -s "/etc/magnetiq/secrets/$1" ] || (umask 077 && openssl rand -hex 32 > "/etc/magnetiq/secrets/$1")
}
given() {
    [ -s "/etc/magnetiq/secrets/$1" ] || { echo "missing: /etc/magnetiq/secrets/$1, the value of $2" >&2; missing=1; }
}
random auth-secret-key
random health-token
random backup-token
random healthd-token
given mail-smtp-password "mail.smtp_password"
[ "$missing" = 0 ] || exit 1

systemctl daemon-reload
if [ "$start" = no ]; then
    echo "everything is in its place, and nothing was started" >&2
    exit 0
fi
systemctl enable --quiet magnetiq-server magnetiq-backup magnetiq-health
# Those that run read their settings only when they start.
systemctl restart magnetiq-server magnetiq-backup magnetiq-health

# nginx last: it needs a certificate.
hook=/etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh
install -D -m 0755 letsencrypt/deploy-hook.sh "$hook"
"$hook" --begin
site=/etc/nginx/conf.d/magnetiq.conf
before=$(mktemp)
[ ! -e "$site" ] || cp "$site" "$before"
# Debian's welcome page wants to be the default, as the site does.
[ "$(readlink -f /etc/nginx/sites-enabled/default || true)" != /etc/nginx/sites-available/default ] || rm /etc/nginx/sites-enabled/default
install -m 0644 nginx/magnetiq.conf "$site"
if nginx -t -q; then
    rm "$before"
    systemctl reload-or-restart nginx
else
    # What nginx would not start with after a restart of the machine does not stay.
    if [ -s "$before" ]; then mv "$before" "$site"; else rm "$before" "$site"; fi
    echo "nginx does not take the site, so nginx stays as it was; is proxy.version in deploy.toml that of $(nginx -v 2>&1)?" >&2
    exit 1
fi
if [ ! -e /etc/letsencrypt/live/www.example.org/fullchain.pem ]; then
    echo "no browser believes this certificate. Once the name leads here: certbot certonly --cert-name www.example.org --webroot --webroot-path /var/lib/magnetiq-acme --domain www.example.org --domain example.org --deploy-hook $hook" >&2
fi
