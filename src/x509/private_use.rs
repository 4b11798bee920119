//! Names and networks that mean something at home only, and that nobody owns.

/// Private names and networks: RFC 6762, 8375, 2606, 1918, 6598, 3927, 4193, 4291, and `internal` and `lan` by custom. A
/// machine's own name is not among them, because nobody can know whether it is also the end of a public name.
pub const PRIVATE_SUBTREES: [&str; 15] = [
    "local",
    "lan",
    "home.arpa",
    "internal",
    "localhost",
    "test",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];
