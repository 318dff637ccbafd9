//! The energy registers of the meters, which have a memory of their own.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::atomic_file;

/// Where the registers are kept; nowhere without a directory, because then they live as long
/// as the meters themselves.
#[derive(Debug, Default)]
pub struct Registers {
    directory: Option<PathBuf>,
}

impl Registers {
    pub fn new(directory: Option<&Path>) -> Self {
        Self {
            directory: directory.map(Path::to_owned),
        }
    }

    /// The register of a connector, in millijoules, where one is kept.
    pub fn load(&self, connector: u8) -> Option<u64> {
        let path = self.directory.as_ref()?.join(name(connector));
        fs::read_to_string(path).ok()?.trim().parse().ok()
    }

    /// Keeps the register of a connector.
    pub fn save(&self, connector: u8, register_mj: u64) -> io::Result<()> {
        match &self.directory {
            Some(directory) => {
                let text = format!("{register_mj}\n");
                atomic_file::replace(directory, &name(connector), text.as_bytes())
            }
            None => Ok(()),
        }
    }
}

fn name(connector: u8) -> String {
    format!("register-{connector}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_found_again() {
        let directory = std::env::temp_dir().join(format!("registers-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let registers = Registers::new(Some(&directory));
        assert_eq!(registers.load(1), None);
        registers.save(1, 12_345_678_901_234).unwrap();
        assert_eq!(
            Registers::new(Some(&directory)).load(1),
            Some(12_345_678_901_234)
        );
        assert_eq!(registers.load(2), None);
        fs::remove_dir_all(&directory).unwrap();
        assert!(registers.save(1, 1).is_err());
        assert!(Registers::default().save(1, 1).is_ok());
    }
}
