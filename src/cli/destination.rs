//! Where certificates are brought: the options of `issue` and `edit`, and what is remembered, told.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::{failure::Failure, page::Page, server_preset};
use crate::{
    authority::{Destination, Intent},
    home::{self, HOOK_LIMIT, Route},
    preset::{Preset, Target},
    probe::Address,
    system::{FileMode, files::directory},
    x509::KeyAlgorithm,
};

/// Where certificates are brought.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Where it is brought, now and at each renewal")]
pub struct DestinationArguments {
    /// The kind of server that it is for: its files, owner, hook and address are those of its preset where nothing else is said
    #[arg(long = "for", value_name = "SERVER", value_parser = server_preset::targets())]
    pub server: Option<Target>,
    /// Copy the four files into this directory as well
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Copy key, certificate and chain into this one file, as haproxy reads it
    #[arg(long, value_name = "FILE")]
    pub combined: Option<PathBuf>,
    /// Whose the copies are: a user's name or number
    #[arg(long, value_name = "USER")]
    pub owner: Option<String>,
    /// Which group reads the copies: its name or number
    #[arg(long, value_name = "GROUP")]
    pub group: Option<String>,
    /// The mode of the copies: 0600, 0400, and with --group 0640 or 0440
    #[arg(long, value_name = "MODE", value_parser = file_mode)]
    pub mode: Option<FileMode>,
    /// The command that makes the server take them; no shell reads it
    #[arg(long, value_name = "COMMAND")]
    pub hook: Option<String>,
    /// How many seconds it may take; 60 if nothing is said
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub hook_limit: Option<u32>,
    /// Where the server shows its certificate: a renewal looks there, and goes back if it is not the new one
    #[arg(long, value_name = "HOST:PORT")]
    pub verify: Vec<String>,
}

impl DestinationArguments {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        let Self { server, out, combined, owner, group, mode, hook, hook_limit, verify } = self;
        server.is_none()
            && out.is_none()
            && combined.is_none()
            && owner.is_none()
            && group.is_none()
            && mode.is_none()
            && hook.is_none()
            && hook_limit.is_none()
            && verify.is_empty()
    }

    /// What is remembered, with what is said in its place; `preset` is that of the server that was named, for certificates
    /// that go where this says.
    ///
    /// # Errors
    /// A path that is no text, or what cannot be done.
    pub fn over(
        &self,
        known: Destination,
        preset: impl FnOnce(Target, &Destination) -> Result<Preset, Failure>,
    ) -> Result<Destination, Failure> {
        let known = match self.server {
            None => known,
            Some(Target::Dev) => {
                return Err(Failure::usage("what is made for `dev` is thrown away, and nothing is remembered of it")
                    .hint("make one where you work: hubca issue --for dev"));
            }
            // What was remembered was for another server, or is said again.
            Some(target) => home::destination(&preset(target, &self.said_over(Destination::default())?)?),
        };
        let destination = self.said_over(known)?;
        Route::of(&destination)?;
        Ok(destination)
    }

    fn said_over(&self, known: Destination) -> Result<Destination, Failure> {
        let path = |path: &Option<PathBuf>| path.as_deref().map(remembered_path).transpose();
        let verify = self.verify.iter().map(|text| Ok(Address::parse(text)?.to_string()));
        let verify = verify.collect::<Result<Vec<_>, Failure>>()?;
        Ok(Destination {
            server: known.server,
            out: path(&self.out)?.or(known.out),
            combined: path(&self.combined)?.or(known.combined),
            owner: self.owner.clone().or(known.owner),
            group: self.group.clone().or(known.group),
            mode: self.mode.or(known.mode),
            hook: self.hook.clone().or(known.hook),
            hook_limit: self.hook_limit.or(known.hook_limit),
            verify: if verify.is_empty() { known.verify } else { verify },
        })
    }
}

/// A path as it is remembered: from wherever the next command is called.
fn remembered_path(path: &Path) -> Result<String, Failure> {
    let absolute = directory::absolute(path)?;
    absolute.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::usage(format!("`{}` is no name in UTF-8", path.display())).hint("choose another path for the copies")
    })
}

fn file_mode(text: &str) -> Result<FileMode, String> {
    let octal = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    match (text.parse(), octal) {
        (Ok(mode), _) => Ok(mode),
        (Err(()), Some(mode)) if mode & 0o007 != 0 => {
            Err("others could use the key; give it to a group instead: --group GROUP --mode 0640".to_owned())
        }
        _ => Err("a mode for a file with a key is 0600 or 0400, and for a group 0640 or 0440".to_owned()),
    }
}

fn seconds(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds)).ok_or("a limit is 1 to 86400 seconds")
}

/// What is remembered of a lineage, as answers have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IntentReport {
    server: Option<String>,
    profile: String,
    key: Option<&'static str>,
    key_policy: &'static str,
    days: Option<u32>,
    follow_ip: &'static str,
    own_addresses: Vec<IpAddr>,
    out: Option<String>,
    combined: Option<String>,
    owner: Option<String>,
    group: Option<String>,
    mode: Option<&'static str>,
    hook: Option<String>,
    hook_limit: Option<u32>,
    verify: Vec<String>,
}

impl From<Intent> for IntentReport {
    fn from(intent: Intent) -> Self {
        let Intent { profile, key, key_policy, days, own, destination } = intent;
        let mode = destination.has_copies().then(|| destination.file_mode().as_str());
        let hook_limit = destination.hook.as_ref().map(|_| destination.hook_limit.unwrap_or(HOOK_LIMIT));
        let Destination { server, out, combined, owner, group, hook, verify, .. } = destination;
        Self {
            server,
            profile,
            key: key.map(KeyAlgorithm::as_str),
            key_policy: key_policy.as_str(),
            days,
            follow_ip: own.follow_ip.as_str(),
            own_addresses: own.had,
            out,
            combined,
            owner,
            group,
            mode,
            hook,
            hook_limit,
            verify,
        }
    }
}

impl IntentReport {
    /// Tells how the next certificate is made and where it is brought; its profile stands with the one there is.
    pub fn tell(&self, page: &mut Page) {
        let fields = self.fields().into_iter().filter(|(name, _)| *name != "profile");
        fields.for_each(|(name, value)| page.field(name, &value));
    }

    /// Tells what is another than before.
    pub fn tell_changes(&self, before: &Self, page: &mut Page) {
        let names = ["for", "profile", "next key", "days", "address", "copies", "combined", "owner", "hook", "verify"];
        let value = |fields: &[(&str, String)], name: &str| {
            fields
                .iter()
                .find(|(known, _)| *known == name)
                .map_or_else(|| "none".to_owned(), |(_, value)| value.clone())
        };
        let (was, is) = (before.fields(), self.fields());
        for name in names {
            let (was, is) = (value(&was, name), value(&is, name));
            if was != is {
                page.field(name, &format!("{is} (was {was})"));
            }
        }
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields: Vec<_> = self.server.iter().map(|server| ("for", server.clone())).collect();
        fields.push(("profile", self.profile.clone()));
        let key = self.key.unwrap_or("of the same kind");
        let kept = if self.key_policy == "same" { ", the same" } else { ", a new one" };
        fields.push(("next key", format!("{key}{kept}")));
        if let Some(days) = self.days {
            fields.push(("days", days.to_string()));
        }
        match self.follow_ip {
            "follow" => fields.push(("address", "of this machine, followed by renewals".to_owned())),
            "leave" => fields.push(("address", "as it is, whatever this machine has".to_owned())),
            _ => {}
        }
        fields.extend(self.out.iter().map(|out| ("copies", out.clone())));
        fields.extend(self.combined.iter().map(|combined| ("combined", combined.clone())));
        if let Some(mode) = self.mode {
            let user = self.owner.as_deref().unwrap_or("the user of this CA");
            let group = self.group.as_ref().map(|group| format!(", group {group}")).unwrap_or_default();
            fields.push(("owner", format!("{user}{group}, mode {mode}")));
        }
        if let Some(hook) = &self.hook {
            let limit = self.hook_limit.unwrap_or(HOOK_LIMIT);
            fields.push(("hook", format!("{hook} (at most {limit} s)")));
        }
        if !self.verify.is_empty() {
            fields.push(("verify", self.verify.join(", ")));
        }
        fields
    }
}
