//! The server behind a proxy, which has to know that it is there.

use crate::preset::site::Site;

/// The step for who is behind a proxy. Jupyter is at the usual port, and answers 403 to visitors of a proxy that it was not told of.
pub(super) fn step(site: &Site) -> String {
    let port = match site.upstream(8888) {
        8888 => String::new(),
        port => format!(" --upstream {port}"),
    };
    format!(
        "Where Jupyter Server is behind it, let it know (JupyterHub: jupyterhub-behind-proxy): hubca export preset \
         jupyter-behind-proxy {}{port}",
        site.label()
    )
}
