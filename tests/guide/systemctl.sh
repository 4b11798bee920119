#!/bin/sh
# What systemd would do, on a machine where it does not run: reloads nginx, starts it, and starts JupyterHub anew.
case "$*" in
'reload nginx') exec nginx -s reload ;;
'reload-or-restart nginx') nginx -s reload 2>/dev/null || exec nginx ;;
'restart jupyterhub')
    if [ -e /run/jupyterhub.pid ]; then
        hub=$(cat /run/jupyterhub.pid)
        kill "$hub"
        while kill -0 "$hub" 2>/dev/null; do sleep 0.1; done
    fi
    cd /etc/jupyterhub || exit
    setsid jupyterhub -f jupyterhub_config.py >/var/log/jupyterhub.log 2>&1 </dev/null &
    echo $! >/run/jupyterhub.pid
    # systemd would not wait, but who types the next command does.
    for _ in $(seq 300); do
        for hub in http://127.0.0.1:8000 https://127.0.0.1; do
            curl --silent --insecure --fail --output /dev/null "$hub/hub/api" && exit
        done
        sleep 0.2
    done
    cat /var/log/jupyterhub.log >&2
    exit 1
    ;;
# Timers are noted, and none ever runs.
daemon-reload | '--user daemon-reload' | 'enable --now '*.timer | '--user enable --now '*.timer) ;;
*)
    echo "this machine has no unit for: $*" >&2
    exit 1
    ;;
esac
