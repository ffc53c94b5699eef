# What an engine remembers, for tests of what is asked of it; tests/docker asks a real one. Beside this file: `volume`, the store of releases;
# `site`, the folder of a site on another machine; `containers`, each a file with what `inspect` says of it; `image`, what `inspect` says of each image; `endpoint`, where it is;
# `looked`, what a look into the folder of the site says; `schema`, what its server says of the schema; `program-3`, what the program of deployment 3 does; `left-over`, the ids of what commands left; `log`, all that was asked.
here=$(dirname "$0")
echo "$*" >>"$here/log"
# The word after $1.
after() {
    wanted=$1
    shift
    while [ $# -gt 1 ]; do
        [ "$1" != "$wanted" ] || { echo "$2" && return; }
        shift
    done
}
servers() {
    find "$here/containers" -name 'magnetiq-backend-*' -exec basename {} \; 2>/dev/null | sort
}
for last; do :; done
case "$1 $2" in
"compose version") echo 2.40.3 ;;
"compose --project-directory")
    case "$*" in
    *" up --no-start "*)
        # Of two, those that are missing.
        for of in 2 3; do
            [ "$(servers | wc -l)" -ge 2 ] || echo '[{"State":{"Status":"created"}}]' >"$here/containers/magnetiq-backend-$of"
        done
        ;;
    *) cat "$here/program-$(echo "$*" | sed 's|.*/releases/\([0-9]*\)/.*|\1|')" ;;
    esac
    ;;
"volume ls") [ ! -d "$here/volume" ] || echo it ;;
"image ls") echo 0123abc ;;
"context inspect") [ ! -e "$here/endpoint" ] || cat "$here/endpoint" ;;
"container run") cat "$here/looked" ;;
"container exec") [ ! -e "$here/schema" ] || cat "$here/schema" ;;
"image inspect") cat "$here/image" ;;
"container ls")
    case "$*" in
    *"service=backend"*)
        servers | while read -r server; do
            status=$(sed -n 's/.*"Status":"\([a-z]*\)".*/\1/p' "$here/containers/$server")
            case "$*" in
            *"status=${status:-none}"*) echo "$server" ;;
            *status=*) ;;
            *) echo "$server" ;;
            esac
        done
        ;;
    *"label=org.magnetiq.deploy"*) [ ! -e "$here/left-over" ] || cat "$here/left-over" ;;
    *)
        name=$(after --filter "$@" | tr -d '^/$')
        [ ! -e "$here/containers/${name#name=}" ] || echo it
        ;;
    esac
    ;;
"container inspect") cat "$here/containers/$last" ;;
"container create") mkdir -p "$here/containers" "$here/volume" && echo '{}' >"$here/containers/$(after --name "$@")" ;;
"container cp")
    case "$3" in
    *:/releases/.) cp -r "$here/volume/." "$4" ;;
    *:/site/*) cp -r "$here/site/${3#*:/site/}" "$4" ;;
    *) cp -r "$3" "$here/volume/" ;;
    esac
    ;;
"container rename") mv "$here/containers/$3" "$here/containers/$4" ;;
"container rm") rm -f "$here/containers/$last" ;;
esac
