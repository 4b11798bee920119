//! JupyterHub whose proxy ends TLS, once started by the hub and once a service of its own, and JupyterHub behind nginx.

use std::fs;

use serde_json::json;

use crate::{
    hub::{CONFIGURATION, await_hub, logged_in, secret, services, with_hub},
    notebook::{ADDRESS, came_over_wss, is_shown},
    support::visitor::Visitor,
};

const HUB: &str = "jupyterhub -f /etc/jupyterhub/jupyterhub_config.py";
const HOME: &str = "https://192.168.0.1/hub/home";
const KERNELS: &str = "wss://192.168.0.1/user/ada/api/kernels/";
/// How many acts lie before the first cell.
const LOGGED_IN: usize = 6;

#[test]
fn a_kernel_outlives_the_proxy_that_takes_a_new_certificate_and_a_restart_of_the_hub() {
    with_hub("ending TLS itself", "jupyterhub", |machine| {
        services(machine, &[("jupyterhub", HUB)]);
        machine.hubca(&["export", "preset", "jupyterhub", "hub.lan", "--install", "--json"]).succeeded();
        await_hub(machine, 443);
        let secrets = || ["jupyterhub_cookie_secret", "jupyterhub_proxy_token"].map(secret);
        let before = secrets();
        let hub = fs::read_to_string("/run/jupyterhub.pid").unwrap();
        let systemctl = machine.directory().join("programs/systemctl");
        let seen = logged_in(machine)
            .then_asks()
            .while_renewed(machine)
            .then_asks_again(1)
            .then(json!({ "run": ["cat", "/run/jupyterhub.pid"] }))
            .then(json!({ "run": [systemctl, "restart", "jupyterhub"] }))
            .then_asks_again(2)
            .visits(HOME);
        came_over_wss(&seen, KERNELS);
        is_shown(machine, &seen, LOGGED_IN + 1, 443);
        assert_eq!(seen.text(LOGGED_IN + 3), hub, "the renewal did not restart the hub");
        assert_ne!(fs::read_to_string("/run/jupyterhub.pid").unwrap(), hub);
        assert_eq!(secrets(), before);
        // Run again, it keeps them too.
        machine.hubca(&["export", "preset", "jupyterhub", "hub.lan", "--install", "--json"]).succeeded();
        assert_eq!(secrets(), before);
        await_hub(machine, 443);
        assert_eq!(Visitor::with("linux").warned_of(HOME), "ERR_CERT_AUTHORITY_INVALID");
    });
}

#[test]
fn a_kernel_outlives_a_proxy_that_is_a_service_of_its_own() {
    with_hub("with a proxy of its own", "jupyterhub", |machine| {
        let preset = machine.preset("jupyterhub", &[]);
        let own = fs::read_to_string(CONFIGURATION).unwrap();
        let text = fs::read_to_string(machine.written("jupyterhub_config.py")).unwrap();
        let (text, signs) = (text.replace("\n# c.", "\nc."), text.matches("\n# c.").count());
        assert_eq!(signs, 2, "the lines for a proxy of its own: {text}");
        fs::write(CONFIGURATION, own + &text).unwrap();
        machine.run("cp -p jupyterhub_cookie_secret jupyterhub_proxy_token jupyterhub-proxy.sh /etc/jupyterhub/");
        services(machine, &[("jupyterhub", HUB), ("jupyterhub-proxy", "sh /etc/jupyterhub/jupyterhub-proxy.sh")]);
        let steps = preset["steps"].as_array().unwrap();
        let (_, line) = steps.last().unwrap().as_str().unwrap().rsplit_once(": ").unwrap();
        let hook = line.strip_prefix("hubca edit hub.lan --hook ").unwrap().trim_matches('\'');
        machine.hubca(&["edit", "hub.lan", "--hook", hook]).succeeded();
        machine.run("systemctl restart jupyterhub-proxy; systemctl restart jupyterhub");
        await_hub(machine, 443);
        let hub = fs::read_to_string("/run/jupyterhub.pid").unwrap();
        let seen = logged_in(machine).then_asks().while_renewed(machine).then_asks_again(1).visits(HOME);
        came_over_wss(&seen, KERNELS);
        is_shown(machine, &seen, LOGGED_IN + 1, 443);
        assert_eq!(fs::read_to_string("/run/jupyterhub.pid").unwrap(), hub);
    });
}

#[test]
fn behind_nginx_a_renewal_is_not_noticed_at_all() {
    with_hub("behind nginx", "nginx", |machine| {
        services(machine, &[("jupyterhub", HUB)]);
        let preset = |target: &str, options: &[&str]| {
            let line = ["export", "preset", target, "hub.lan", "--install", "--json"];
            machine.hubca(&[&line[..], options].concat()).succeeded();
        };
        // Debian's own page stands at the port.
        machine.run("rm -f /etc/nginx/sites-enabled/default");
        preset("nginx", &["--upstream", "8000"]);
        preset("jupyterhub-behind-proxy", &[]);
        await_hub(machine, 443);
        secret("jupyterhub_cookie_secret");
        let seen = logged_in(machine).then_asks().while_renewed(machine).then_asks_again(1).visits(HOME);
        came_over_wss(&seen, KERNELS);
        is_shown(machine, &seen, LOGGED_IN + 1, 443);
        let channels = seen.requests.iter().filter(|url| url.contains("/channels?")).count();
        assert_eq!(channels, 1, "the page did not have to connect again: {:?}", seen.requests);
        let reached = machine.shell(&format!("curl -sS --max-time 5 http://{ADDRESS}:8000/hub/api")).output().unwrap();
        assert!(!reached.status.success(), "without TLS nobody reaches it");
        assert_eq!(Visitor::with("linux").warned_of(HOME), "ERR_CERT_AUTHORITY_INVALID");
    });
}
