//! Where the ring is: in flash, or in RAM where there is none for it. This is the one place that says so.

use super::ring::{Geometry, Medium};
use crate::limits::{DIAGNOSTICS_IN_FLASH, DIAGNOSTICS_SIZE};

mod c {
    use super::Geometry;

    unsafe extern "C" {
        pub fn ocpp_port_diagnostics_open(geometry: *mut Geometry) -> bool;
        pub fn ocpp_port_diagnostics_read(at: u32, into: *mut u8, length: usize) -> bool;
        pub fn ocpp_port_diagnostics_write(at: u32, bytes: *const u8, length: usize) -> bool;
        pub fn ocpp_port_diagnostics_erase(at: u32, length: u32) -> bool;
    }
}

/// What the ring is in.
pub type Place = <In<DIAGNOSTICS_IN_FLASH> as Choice>::Medium;

/// It, before the first start.
pub const PLACE: Place = <In<DIAGNOSTICS_IN_FLASH> as Choice>::EMPTY;

/// In flash or not, which Kconfig says.
pub struct In<const FLASH: bool>;

/// Has the medium.
pub trait Choice {
    /// What it is.
    type Medium: Medium;
    /// It, before the first start.
    const EMPTY: Self::Medium;
}

impl Choice for In<true> {
    type Medium = Flash;
    const EMPTY: Self::Medium = Flash;
}

impl Choice for In<false> {
    type Medium = Memory<DIAGNOSTICS_SIZE>;
    const EMPTY: Self::Medium = Memory([0; DIAGNOSTICS_SIZE]);
}

/// The partition, see `c/diagnostics.c`.
pub struct Flash;

impl Medium for Flash {
    fn open(&mut self) -> Option<Geometry> {
        let mut geometry = Geometry::NONE;
        // SAFETY: it is filled where this says true.
        unsafe { c::ocpp_port_diagnostics_open(&mut geometry) }.then_some(geometry)
    }

    fn read(&mut self, at: u32, into: &mut [u8]) -> bool {
        // SAFETY: there is room for so many bytes.
        unsafe { c::ocpp_port_diagnostics_read(at, into.as_mut_ptr(), into.len()) }
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        // SAFETY: there are so many bytes.
        unsafe { c::ocpp_port_diagnostics_write(at, bytes.as_ptr(), bytes.len()) }
    }

    fn erase(&mut self, at: u32, length: u32) -> bool {
        // SAFETY: the other side looks whether these are in the partition.
        unsafe { c::ocpp_port_diagnostics_erase(at, length) }
    }
}

/// RAM, whose zeros count as erased: it is all zeros at first and takes no room in flash.
pub struct Memory<const N: usize>([u8; N]);

/// The oldest of so many parts makes room for what comes next.
const PARTS: usize = 4;

impl<const N: usize> Memory<N> {
    fn part(&mut self, at: u32, length: usize) -> Option<&mut [u8]> {
        let at = at as usize;
        self.0.get_mut(at..at.checked_add(length)?)
    }
}

impl<const N: usize> Medium for Memory<N> {
    fn open(&mut self) -> Option<Geometry> {
        Some(Geometry {
            sector: (N / PARTS) as u32,
            sectors: PARTS as u32,
            align: 1,
            erased: 0,
        })
    }

    fn read(&mut self, at: u32, into: &mut [u8]) -> bool {
        let Some(bytes) = self.part(at, into.len()) else {
            return false;
        };
        for (place, byte) in into.iter_mut().zip(bytes) {
            *place = *byte;
        }
        true
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        let Some(into) = self.part(at, bytes.len()) else {
            return false;
        };
        for (place, byte) in into.iter_mut().zip(bytes) {
            *place = *byte;
        }
        true
    }

    fn erase(&mut self, at: u32, length: u32) -> bool {
        let part = self.part(at, length as usize);
        part.map(|bytes| bytes.fill(0)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ram_is_in_bounds() {
        let mut ram = Memory([0; 8]);
        assert!(ram.write(4, &[1, 2, 3, 4]) && !ram.write(5, &[1, 2, 3, 4]));
        let mut read = [9; 2];
        assert!(ram.read(6, &mut read) && !ram.read(7, &mut [0; 2]));
        assert_eq!(read, [3, 4]);
        assert!(ram.erase(6, 2) && !ram.erase(6, 4) && !ram.erase(u32::MAX, 4));
        assert!(ram.read(4, &mut read));
        assert_eq!(ram.0, [0, 0, 0, 0, 1, 2, 0, 0]);
    }
}
