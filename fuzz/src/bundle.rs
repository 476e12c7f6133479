//! libFuzzer on the target `bundle`.

#![no_main]

redress_fuzz::target!(bundle);
