//! The options of a web clip.

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{context::Context, failure::Failure},
    export::{
        Anchor, Icon,
        mobileconfig::{WebAddress, WebClip, WebClipLabel},
    },
};

/// An icon on the Home Screen.
#[derive(Args, Debug)]
pub(super) struct WebClipArguments {
    /// An icon on the Home Screen that opens this address
    #[arg(long, value_name = "URL")]
    web_clip: Option<String>,
    /// What is written below the icon; else the host's name or the CA's
    #[arg(long, value_name = "LABEL", requires = "web_clip")]
    web_clip_label: Option<String>,
    /// The icon: a square PNG of at most 400 × 400 pixels; else one of our own
    #[arg(long, value_name = "PNG", requires = "web_clip")]
    icon: Option<PathBuf>,
}

impl WebClipArguments {
    /// The web clip, if one is asked for.
    ///
    /// # Errors
    /// An address, a label or a picture that no Home Screen should show.
    pub(super) fn web_clip(&self, anchor: &Anchor, context: &Context) -> Result<Option<WebClip>, Failure> {
        let Some(address) = &self.web_clip else { return Ok(None) };
        let address = WebAddress::new(address)?;
        let label = match &self.web_clip_label {
            Some(label) => WebClipLabel::new(label)?,
            None => address.label(anchor),
        };
        let icon = match &self.icon {
            Some(path) => {
                let unusable = |failure: Failure| failure.within(format!("`{}` is no icon", path.display()));
                let png = context.read(path, Icon::MOST_FILE_BYTES).map_err(unusable)?;
                Icon::from_png(png).map_err(|error| unusable(error.into()))?
            }
            None => Icon::drawn(),
        };
        Ok(Some(WebClip::new(address, label, icon)))
    }
}
