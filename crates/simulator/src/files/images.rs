//! Images of the firmware: downloaded, in place for the next boot, and the one that runs.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const DOWNLOADED: &str = "firmware-downloaded";
const IN_PLACE: &str = "firmware-installed";
const RUNNING: &str = "firmware-running";

/// A folder with the images; one that is gone with the process where there is no storage.
#[derive(Debug)]
pub struct Images {
    folder: PathBuf,
    /// Made for this process, and removed at its end.
    is_own: bool,
}

impl Images {
    /// Those of a storage folder. The error is for the user.
    pub fn new(storage: Option<&Path>) -> Result<Self, String> {
        let (folder, is_own) = match storage {
            Some(storage) => (storage.to_owned(), false),
            None => {
                let number = getrandom::u64().map_err(|error| format!("no random: {error}"))?;
                let name = format!("charge-point-{number:016x}");
                (std::env::temp_dir().join(name), true)
            }
        };
        Ok(Self { folder, is_own })
    }

    /// Where an image is downloaded to.
    pub fn target(&self) -> io::Result<PathBuf> {
        if self.is_own && !self.folder.is_dir() {
            fs::create_dir(&self.folder)?;
        }
        Ok(self.folder.join(DOWNLOADED))
    }

    /// Puts the downloaded image in its place for the next boot. False where there is none that can be
    /// installed: any that is not empty.
    pub fn install(&self) -> bool {
        let image = self.folder.join(DOWNLOADED);
        let has_bytes = fs::metadata(&image).is_ok_and(|image| image.len() > 0);
        has_bytes && fs::rename(image, self.folder.join(IN_PLACE)).is_ok()
    }

    /// The downloaded image is not wanted any more.
    pub fn discard(&self) {
        let _ = fs::remove_file(self.folder.join(DOWNLOADED));
    }

    /// True for a boot of a new image.
    pub fn is_new(&self) -> bool {
        self.folder.join(IN_PLACE).is_file()
    }

    /// The station knows that it is new.
    pub fn runs(&self) {
        let _ = fs::rename(self.folder.join(IN_PLACE), self.folder.join(RUNNING));
    }
}

impl Drop for Images {
    fn drop(&mut self) {
        if self.is_own {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}
