//! A file that arrives: whole, or not at all.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use ocpp::domain::TransferFailure;

use super::{Cancel, Failure};

/// Files that have begun to arrive.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Where a file is put.
#[derive(Debug)]
pub struct Target<'a> {
    pub path: &'a Path,
    /// Bytes of the largest that is taken.
    pub most: u64,
    pub cancel: &'a Cancel,
}

impl Target<'_> {
    /// Puts all that `from` gives there, `expected` bytes if that is known: how many.
    ///
    /// # Errors
    ///
    /// One that is empty, too large, or of another length. Nothing is there then.
    pub fn receive(&self, from: &mut dyn Read, expected: Option<u64>) -> Result<u64, Failure> {
        if expected.is_some_and(|bytes| bytes > self.most) {
            return Err(self.too_large());
        }
        // Of its own: one that was cancelled may not have noticed yet.
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.path.with_extension(format!("{number}.tmp"));
        let outcome = self.copy(from, expected, &unfinished);
        if outcome.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        outcome
    }

    fn copy(
        &self,
        from: &mut dyn Read,
        expected: Option<u64>,
        unfinished: &Path,
    ) -> Result<u64, Failure> {
        let mut file = File::create(unfinished)?;
        let mut buffer = vec![0; 64 * 1024];
        let mut bytes = 0;
        loop {
            self.cancel.check()?;
            let read = from.read(&mut buffer)?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
                break;
            };
            bytes += piece.len() as u64;
            if bytes > self.most {
                return Err(self.too_large());
            }
            file.write_all(piece)?;
        }
        if let Some(expected) = expected.filter(|expected| *expected != bytes) {
            return Err(Failure::interrupted(format!("{bytes} bytes of {expected}")));
        }
        if bytes == 0 {
            return Err(Failure::new(TransferFailure::Empty, "it is empty"));
        }
        file.sync_all()?;
        self.cancel.check()?;
        fs::rename(unfinished, self.path)?;
        Ok(bytes)
    }

    fn too_large(&self) -> Failure {
        let why = format!("more than {} bytes", self.most);
        Failure::new(TransferFailure::TooLarge, why)
    }
}
