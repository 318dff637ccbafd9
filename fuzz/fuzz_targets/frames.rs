//! Any bytes as frames, a line each, to a station that is online, in both versions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocpp::Version;
use ocpp_fuzz::{Disk, Life};

fuzz_target!(|bytes: &[u8]| {
    for version in [Version::V16, Version::V201] {
        let frames = bytes.split(|byte| *byte == b'\n');
        Life::new(version, Disk::default()).frames(frames);
    }
});
