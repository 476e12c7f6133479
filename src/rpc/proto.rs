//! Code generated from `proto/`, as it comes: messages, services, JSON mapping, and their descriptors.

// Not ours to style: generators write it anew on every build.
#![allow(clippy::all, clippy::pedantic, clippy::restriction, missing_docs, rustdoc::all)]

pub mod google {
    pub mod r#type {
        include!(concat!(env!("OUT_DIR"), "/google.r#type.rs"));
        include!(concat!(env!("OUT_DIR"), "/google.r#type.serde.rs"));
    }
}

pub mod redress {
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/redress.v1.rs"));
        include!(concat!(env!("OUT_DIR"), "/redress.v1.serde.rs"));
    }
}

/// Every file of the API with its comments, encoded as a `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/redress.v1.descriptors.bin"));
