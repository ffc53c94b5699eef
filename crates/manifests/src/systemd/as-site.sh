#!/bin/sh
# @{mark}
# Runs a program by hand as its unit runs it: with the settings and the secrets, as the user, in the folder of the site.
#     sudo as-site backupd list
#     sudo as-site api-server doctor
# Files for it are named with their whole path, and are such as that user can read; or they come through a pipe.
set -eu

if [ $# = 0 ]; then
    echo "usage: as-site api-server|backupd|healthd ARGUMENT..." >&2
    exit 2
fi
if [ "$(id -u)" != 0 ]; then
    echo "as-site: only root may read the secrets: sudo as-site $*" >&2
    exit 1
fi

# In variables, not in arguments: those would be seen by everybody on the machine.
secret() {
    value=$(cat "/etc/magnetiq/secrets/$2")
    export "$1=$value"
}

cd @{folder}
umask 0027
set -a
# shellcheck source=/dev/null
. /etc/magnetiq/magnetiq.env
set +a
case $1 in
    backupd)
        @{of_backup}
        ;;
    healthd)
        @{of_health}
        ;;
    *)
        @{of_server}
        ;;
esac
PATH=@{programs}:$PATH
exec setpriv --reuid=@{user} --regid=@{user} --init-groups --no-new-privs -- "$@"
