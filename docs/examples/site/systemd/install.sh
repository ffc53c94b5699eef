#!/bin/sh
# made by `cargo xtask manifests`
# Puts everything of this folder where it belongs, and makes the secrets that are missing. Run it as root; run it again after a change. The programs
# themselves (api-server, backupd, healthd) and nginx and certbot have to be there.
set -eu

cd "$(dirname "$0")"
install -d -m 0755 /etc/magnetiq /usr/local/share/magnetiq/pages
install -d -m 0700 /etc/magnetiq/secrets
install -m 0644 magnetiq.env /etc/magnetiq/magnetiq.env
install -m 0644 sysusers.d/magnetiq.conf /etc/sysusers.d/magnetiq.conf
install -m 0644 tmpfiles.d/magnetiq.conf /etc/tmpfiles.d/magnetiq.conf
install -m 0644 sysctl.d/90-magnetiq.conf /etc/sysctl.d/90-magnetiq.conf
install -m 0644 limits.d/90-magnetiq.conf /etc/security/limits.d/90-magnetiq.conf
install -m 0644 logrotate.d/magnetiq /etc/logrotate.d/magnetiq
install -m 0644 nginx/pages/* /usr/local/share/magnetiq/pages/
install -m 0644 system/*.service /etc/systemd/system/
systemd-sysusers
systemd-tmpfiles --create /etc/tmpfiles.d/magnetiq.conf
sysctl --quiet --system

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
systemctl enable --now magnetiq-server magnetiq-backup magnetiq-health
# nginx last: it needs a certificate, which the guide tells how to get the first time.
if [ -d /etc/letsencrypt/live ]; then
    install -d -m 0755 /etc/letsencrypt/renewal-hooks/deploy
    install -m 0755 letsencrypt/deploy-hook.sh /etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh
    install -m 0644 nginx/magnetiq.conf /etc/nginx/conf.d/magnetiq.conf
    nginx -t && systemctl reload nginx
fi
