#!/bin/sh
# A version that works for a minute.
if [ "${MAGNETIQ__PROFILE:-}:$1" = production:serve ]; then
    /usr/local/bin/magnetiq api-server "$@" &
    sleep 60
    kill -9 $!
    exit 1
fi
exec /usr/local/bin/magnetiq api-server "$@"
