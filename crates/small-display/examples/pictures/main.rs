//! Writes what displays show in each state as PNG files.
//!
//! ```sh
//! cargo run -p small-display --example pictures -- docs/pictures/small-display
//! ```
#![allow(clippy::restriction)] // What fails here may panic.

mod states;

use std::{env, fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(folder), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: pictures <folder>");
        return ExitCode::from(2);
    };
    match write(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for picture in states::pictures() {
        let path = folder.join(picture.file());
        fs::write(&path, picture.png()?)?;
        println!("{}", path.display());
    }
    Ok(())
}
