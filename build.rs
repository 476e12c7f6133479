//! Compiles the protos, without any program beside cargo: types and services, their JSON mapping, and the descriptors
//! that reflection serves.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use prost::Message;

const SERVICES: [&str; 2] = ["redress/v1/decision_service.proto", "redress/v1/policy_service.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=proto");
    // The program holds them all, a new one too.
    println!("cargo:rerun-if-changed=policies");

    let descriptors = protox::compile(SERVICES, ["proto"])?;
    let encoded = descriptors.encode_to_vec();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("redress.v1.descriptors.bin"), &encoded)?;

    tonic_prost_build::configure()
        // Otherwise the builder names its own home for these types, and refuses a second one.
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        // A map's entries go out in one order, so that the same answer is the same bytes.
        .btree_map(".redress")
        // Most cases have few of these; in place they would make every case four kilobytes, moved several times a call.
        .boxed(".redress.v1.Case.order")
        .boxed(".redress.v1.Case.issue")
        .boxed(".redress.v1.Case.request")
        .boxed(".redress.v1.Case.outbound")
        .boxed(".redress.v1.Case.return_parcel")
        .boxed(".redress.v1.Case.replacement_parcel")
        .boxed(".redress.v1.Case.inspection")
        .boxed(".redress.v1.Case.customer")
        .boxed(".redress.v1.Case.shop")
        .boxed(".redress.v1.Case.helpdesk")
        .boxed(".redress.v1.Case.dispute")
        // Answers a malformed message as the caller's mistake, which tonic's own does not.
        .codec_path("crate::rpc::codec::Codec")
        .emit_rerun_if_changed(false)
        .compile_fds(descriptors)?;

    pbjson_build::Builder::new()
        .register_descriptors(&encoded)?
        .extern_path(".google.protobuf", "::pbjson_types")
        .btree_map([".redress"])
        .build(&[".redress", ".google.type"])?;
    Ok(())
}
