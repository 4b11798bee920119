//! sudo, which asks for its password before the first step that needs it.

use std::time::Duration;

use zeroize::{Zeroize as _, Zeroizing};

use super::reached::Reached;
use crate::{
    cli::{context::Context, failure::Failure, terminal::Person},
    plan::Plan,
    system::{Errand, Host},
    trust::Rights,
};

/// sudo on another machine that knows us; dropped, it is told to forget.
pub(super) struct Authorized<'a> {
    host: &'a dyn Host,
    sudo: String,
}

impl<'a> Authorized<'a> {
    /// Lets sudo ask, where a plan needs it and somebody is there to answer. Who has no right to it is told so by the steps.
    ///
    /// # Errors
    /// The question was broken off.
    pub(super) fn ask<'p>(
        reached: &'a Reached<'_>,
        mut plans: impl Iterator<Item = &'p Plan>,
        context: &Context,
    ) -> Result<Option<Self>, Failure> {
        let Some(rights @ Rights::Through(before)) = &reached.machine().root else { return Ok(None) };
        let is_used = plans.any(|plan| rights.are_used_in(plan));
        let is_somebody_there = context.terminal().person() == Person::Present;
        let Some(sudo) = before.first().filter(|_| is_used && is_somebody_there) else { return Ok(None) };
        let Some(address) = reached.address() else {
            let _ = context.processes().run_at_terminal(&[sudo, "-v"].map(str::to_owned));
            return Ok(None);
        };
        let authorized = Self { host: reached.host(), sudo: sudo.clone() };
        if authorized.run(&["-n", "-v"], &[]) {
            return Ok(None);
        }
        // There is no terminal there on which it could ask.
        let answer = context.terminal().passphrase(&format!("password for sudo on {address}"))?;
        if !authorized.run(&["-S", "-p", "", "-v"], &Zeroizing::new([answer.as_bytes(), b"\n"].concat())) {
            context.note(&format!("sudo on {address} did not take that password"));
        }
        Ok(Some(authorized))
    }

    fn run(&self, words: &[&str], input: &[u8]) -> bool {
        let words = [&[self.sudo.as_str()], words].concat().into_iter().map(str::to_owned).collect();
        let mut errand = Errand { words, variables: Vec::new(), input: input.to_vec(), limit: LONGEST_ANSWER };
        let ended = self.host.run(&errand);
        errand.input.zeroize();
        ended.is_ok_and(|ended| ended.how.is_success())
    }
}

impl Drop for Authorized<'_> {
    fn drop(&mut self) {
        // Where it cannot be told, it forgets by itself in some minutes.
        self.run(&["-k"], &[]);
    }
}

/// How long sudo may take to look at a password.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);
