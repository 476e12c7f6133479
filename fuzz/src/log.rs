//! libFuzzer on the target `log`.

#![no_main]

redress_fuzz::target!(log);
