//! Certificates and their parts, as RFC 5280 names them; pure: no file, no clock, no random byte.

pub mod public_key;
