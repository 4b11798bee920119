//! The program: the doors to the world are made here and handed down.

fn main() {}
