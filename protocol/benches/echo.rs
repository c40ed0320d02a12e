//! What a message costs between the socket's reads and writes.
fn main() {}
