#!/bin/sh
# What systemd would do, on a machine where it does not run: reloads nginx, and starts it.
case "$*" in
'reload nginx') exec nginx -s reload ;;
'reload-or-restart nginx') nginx -s reload 2>/dev/null || exec nginx ;;
*)
    echo "this machine has no unit for: $*" >&2
    exit 1
    ;;
esac
