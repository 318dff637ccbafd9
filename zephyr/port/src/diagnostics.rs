//! What happened to the charge point: the file that GetDiagnostics has uploaded.

#![allow(dead_code, reason = "the upload comes with the transfer of files")]

use ocpp::wire::UnixMillis;

/// The file, read from its beginning to its end while more is added to the ring behind it.
#[derive(Debug)]
pub(crate) struct Export {
    start: Option<UnixMillis>,
    stop: Option<UnixMillis>,
}

impl Export {
    /// The entries from `start` up to `stop` that are there now, as
    /// [`LogUpload::oldest`](ocpp::station::LogUpload::oldest) and
    /// [`LogUpload::latest`](ocpp::station::LogUpload::latest) say.
    pub fn begin(start: Option<UnixMillis>, stop: Option<UnixMillis>) -> Self {
        Self { start, stop }
    }

    /// Bytes of the whole file: [`Self::read`] gives exactly so many.
    pub fn length(&mut self) -> u32 {
        0
    }

    /// The next bytes; how many there are, 0 at the end of the file. Takes a while, as flash is read: not
    /// with a lock held.
    pub fn read(&mut self, into: &mut [u8]) -> usize {
        let _ = into;
        0
    }
}
