//! Whole lives: requests, drivers, time, lost connections and power, storage that takes no more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocpp::Version;
use ocpp_fuzz::{Disk, Life, Unstructured};

fuzz_target!(|bytes: &[u8]| {
    let mut u = Unstructured::new(bytes);
    let version = match u.arbitrary().unwrap_or(0_u8) % 4 {
        0 => Version::V201,
        _ => Version::V16,
    };
    Life::new(version, Disk::default()).run(&mut u);
});
