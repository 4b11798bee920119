//! The machine whose stores are meant: this one, or the one that `--on` names.

use crate::{
    cli::{context::Context, failure::Failure, terminal::Person},
    system::{
        Company, Host, HostAddress,
        host::{Elsewhere, Here},
    },
    trust::{Machine, Surroundings, survey},
};

/// A machine, and the door to it.
pub(super) struct Reached<'a> {
    host: Box<dyn Host + 'a>,
    address: Option<HostAddress>,
    machine: Machine,
}

impl<'a> Reached<'a> {
    /// Reaches a machine, and looks at what it has.
    ///
    /// # Errors
    /// It cannot be reached.
    pub(super) fn reach(on: Option<&HostAddress>, context: &'a Context) -> Result<Self, Failure> {
        let Some(address) = on else {
            let here = Here(context.processes());
            let machine = survey(context.surroundings(), &here);
            if let Some(name) = &machine.unknown_caller {
                context.note(&format!(
                    "`{name}` called sudo, says SUDO_USER, and cannot be acted for: no browser's database is looked at. Run hubca as \
                     whoever has them, or unset SUDO_USER"
                ));
            }
            return Ok(Self { host: Box::new(here), address: None, machine });
        };
        let company = match context.terminal().person() {
            Person::Present => Company::Somebody,
            Person::Absent => Company::Nobody,
        };
        let there = Elsewhere::reach(address.clone(), context.processes(), &*context.doors().random, company)?;
        let machine = survey(&Surroundings::elsewhere(&there.surroundings()?), &there);
        // What a lost connection did not show would count as not there.
        there.is_reached()?;
        Ok(Self { host: Box::new(there), address: Some(address.clone()), machine })
    }

    /// What it has.
    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Where its files and programs are.
    pub(super) fn host(&self) -> &dyn Host {
        &*self.host
    }

    /// Its address, as it was named; none for this one.
    pub(super) fn address(&self) -> Option<String> {
        self.address.as_ref().map(ToString::to_string)
    }
}
