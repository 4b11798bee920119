//! Octets as fingerprints and serial numbers are written: lower-case hexadecimal digits.

/// The digits of some octets.
pub fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
