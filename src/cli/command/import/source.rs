//! Where mkcert keeps its own.

use std::path::{Path, PathBuf};

use crate::{
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
    },
    import::MKCERT,
};

/// Where mkcert keeps its root, unless it was told another place.
pub(super) fn caroot(context: &Context) -> Result<PathBuf, Failure> {
    let data = context.default_home().and_then(Path::parent).map(|data| data.join(PLACE));
    let own = context.user_directories().map(|(_, own)| own.to_owned());
    let usual = own.iter().flat_map(|own| [own.join(".local/share"), own.join("Library/Application Support")]);
    let places = data.into_iter().chain(usual.map(|data| data.join(PLACE)));
    places.into_iter().find(|place| MKCERT.is_in(place)).ok_or_else(|| {
        Failure::new(FailureKind::NotFound, "there is no root of mkcert where it puts one")
            .hint("say where it is: hubca import mkcert DIR; `mkcert -CAROOT` tells it")
    })
}

const PLACE: &str = "mkcert";
