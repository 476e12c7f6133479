//! libFuzzer on the target `expression`.

#![no_main]

redress_fuzz::target!(expression);
