//! Replacing a file so that after a crash at any moment it is either the old or the new one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Ending of files that are being written.
const UNFINISHED: &str = "tmp";

/// Writes a file beside the old one and puts it in its place.
pub fn replace(directory: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = directory.join(name).with_extension(UNFINISHED);
    let mut file = create(&unfinished)?;
    file.write_all(content)?;
    // The content has to be on the medium before the name is, or a crash leaves an empty file.
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, directory.join(name))?;
    sync_directory(directory)
}

/// A file that its owner alone can read: records may hold passwords.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Removes a file; fine if there is none.
pub fn remove(directory: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(directory.join(name)) {
        Ok(()) => sync_directory(directory),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes what crashes left half written.
pub fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == UNFINISHED) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Names are content of the directory and have to reach the medium too.
fn sync_directory(directory: &Path) -> io::Result<()> {
    // Elsewhere a directory cannot be opened as a file, and renames are written through.
    if cfg!(unix) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
