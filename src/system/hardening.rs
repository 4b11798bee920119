//! The process guards its memory: keys and passphrases lie in it, so it leaves no core dump.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps, and on Linux attaching by other processes of the same user.
///
/// Best effort: a container may forbid either call, and that is no reason not to serve.
pub fn harden_process() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // Refused limits leave the system's own setting, which is often none as well.
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_hardened_process_has_no_core_limit_left() {
        harden_process();
        assert_eq!(rustix::process::getrlimit(Resource::Core).current, Some(0));
    }
}
