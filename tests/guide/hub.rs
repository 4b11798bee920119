//! JupyterHub, behind nginx and with a proxy of its own.

use crate::{
    machine::Person,
    support::tools::{commands, node_programs, python},
    walk::Walk,
};

#[test]
fn the_page_for_jupyterhub_ends_with_a_renewal_that_its_own_proxy_shows() {
    let programs = vec![python().with_file_name("jupyterhub"), node_programs().join("configurable-http-proxy")];
    let programs = [programs, commands(&["nginx", "node", "setsid"])].concat();
    let Some(mut walk) = Walk::of("jupyterhub.md", Person::Root, &programs) else { return };
    // The hub as it was before: one where nobody has to be a user of this machine.
    let before =
        walk.machine.run(&format!("mkdir /etc/jupyterhub && echo '{HUB}' > /etc/jupyterhub/jupyterhub_config.py"));
    assert_eq!(before.code, 0, "{before:?}");
    walk.end();
}

const HUB: &str = "\
c = get_config()
c.JupyterHub.authenticator_class = \"dummy\"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = \"simple\"
";
