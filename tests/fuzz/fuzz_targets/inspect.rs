#![no_main]
//! `hubca inspect`: anything at all, told in words and as JSON.

use hubca_fuzz::tell;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tell(bytes));
