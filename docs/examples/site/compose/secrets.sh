#!/bin/sh
# made by `cargo xtask manifests`
# Makes the secrets that are missing, beside this file, and says which ones only you know. What is there stays as it is.
set -eu

cd "$(dirname "$0")"
mkdir -p secrets
# Only who may see this folder sees the files; the containers get each file by itself, as a user that owns nothing here.
chmod 0700 secrets
missing=0

random() {
    if [ ! -s "secrets/$1" ]; then
        openssl rand -hex 32 > "secrets/$1"
        echo "made secrets/$1"
    fi
    chmod 0444 "secrets/$1"
}

given() {
    if [ -s "secrets/$1" ]; then
        chmod 0444 "secrets/$1"
    else
        echo "missing: secrets/$1, the value of $2" >&2
        missing=1
    fi
}

random auth-secret-key
random health-token
random backup-token
random healthd-token
given mail-smtp-password "mail.smtp_password"
exit "$missing"
