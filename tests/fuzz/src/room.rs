//! The room that any input may take: more is a finding.

use std::alloc::System;

use cap::Cap;

/// What is asked for beyond it is not given, and the program ends. SQLite and libFuzzer have memory of their own.
#[global_allocator]
static ROOM: Cap<System> = Cap::new(System, 64 * 1024 * 1024);
