//! Images of the firmware. The C side is `c/image.c`.

use core::ffi::{c_char, c_int};

use heapless::String;
use ocpp::domain::TransferFailure;

use super::{
    Location, Outcome,
    http::{self, Sink},
};
use crate::{log::line, text};

unsafe extern "C" {
    fn ocpp_port_image_begin(room: *mut u32) -> c_int;
    fn ocpp_port_image_write(bytes: *const u8, length: usize) -> c_int;
    fn ocpp_port_image_version(into: *mut c_char, size: usize) -> c_int;
    safe fn ocpp_port_image_end(is_whole: bool) -> c_int;
    safe fn ocpp_port_image_check() -> c_int;
    safe fn ocpp_port_image_install() -> c_int;
    safe fn ocpp_port_image_confirm() -> bool;
    safe fn ocpp_port_image_mark() -> u32;
}

/// What [`ocpp_port_image_check`] returns for an image that runs.
const RUNS: c_int = 1;

/// An image on its way into the slot.
struct Slot {
    room: u32,
    length: u32,
}

impl Sink for Slot {
    fn take(&mut self, bytes: &[u8]) -> Result<(), TransferFailure> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if length > self.room - self.length {
            return Err(TransferFailure::TooLarge);
        }
        self.length += length;
        // SAFETY: the slice is good for the call.
        match unsafe { ocpp_port_image_write(bytes.as_ptr(), bytes.len()) } {
            0.. => Ok(()),
            error => Err(not_written(error)),
        }
    }
}

fn not_written(error: c_int) -> TransferFailure {
    line!(Error, "firmware: the slot is not written: error ", error);
    TransferFailure::Interrupted
}

/// Fetches an image into the slot.
///
/// # Errors
///
/// [`TransferFailure::NotSupported`] where there is no slot; [`TransferFailure::Empty`] and
/// [`TransferFailure::TooLarge`] for a file that is; those of [`http::get`].
pub fn download(location: &mut Location) -> Result<(), TransferFailure> {
    let mut room = 0;
    // SAFETY: it is written to in the call.
    let error = unsafe { ocpp_port_image_begin(&mut room) };
    if error < 0 {
        line!(Error, "firmware: no slot for an image: error ", error);
        return Err(TransferFailure::NotSupported);
    }
    let mut slot = Slot { room, length: 0 };
    let fetched = http::get(location, &mut slot);
    let ended = ocpp_port_image_end(fetched.is_ok());
    fetched?;
    match slot.length {
        0 => Err(TransferFailure::Empty),
        _ if ended < 0 => Err(not_written(ended)),
        length => {
            line!(Info, "firmware: ", length, " bytes");
            Ok(())
        }
    }
}

/// Has the boot loader take the image in the slot.
pub fn install() -> Outcome {
    match ocpp_port_image_check() {
        RUNS => {
            line!(Info, "firmware: this image runs already");
            Outcome::Runs
        }
        0 => match ocpp_port_image_install() {
            0.. => Outcome::WillBoot,
            error => {
                line!(Error, "firmware: not installed: error ", error);
                Outcome::NotInstalled
            }
        },
        error => {
            line!(Warning, "firmware: this is no image: error ", error);
            Outcome::NotInstalled
        }
    }
}

/// True when this is the first boot of the image that runs, which from now on is there to stay.
pub fn confirm() -> bool {
    ocpp_port_image_confirm()
}

/// A part of the hash of the image that runs; 0 if it has none.
pub fn mark() -> u32 {
    ocpp_port_image_mark()
}

/// The version of the image that runs.
pub fn version() -> Option<String<50>> {
    let mut version: [c_char; 32] = [0; 32];
    // SAFETY: there is that much room.
    let error = unsafe { ocpp_port_image_version(version.as_mut_ptr(), version.len()) };
    let version = text::terminated(&version).filter(|_| error >= 0)?;
    String::try_from(version).ok()
}
