//! Policies: from the trees of their sources to what the engine decides by.
//!
//! Reads no files and decides nothing. `policy/decode.rs` turns trees into typed records, with every problem of a file
//! found at once.

pub mod decode;
