//! What a station finds in storage: records of any bytes, and true ones of a life before with bits
//! that are others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocpp::Version;
use ocpp_fuzz::{Disk, Life, Unstructured};

fn damage(disk: &Disk, u: &mut Unstructured<'_>) -> Result<(), arbitrary::Error> {
    for _ in 0..u.int_in_range(0..=8)? {
        if u.arbitrary()? {
            disk.flip(u.arbitrary::<u16>()?.into(), u.arbitrary::<u16>()?.into());
        } else {
            let id = u.int_in_range(0..=0x0fff)?;
            let length = u.int_in_range(0..=64)?;
            disk.put(id, u.bytes(length.min(u.len()))?);
        }
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let (before, after) = bytes.split_at(bytes.len() / 2);
    let disk = Disk::default();
    Life::new(Version::V16, disk.clone()).run(&mut Unstructured::new(before));
    let mut u = Unstructured::new(after);
    let _ = damage(&disk, &mut u);
    let mut life = Life::new(Version::V16, disk);
    life.expect_losses();
    life.run(&mut u);
});
