//! The energy registers of the meters, which have a memory of their own.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::line;
use crate::vehicle::MJ_PER_WH;

/// What `meterStart` and `meterStop` can say: a signed integer of 32 bits.
const MOST_WH: u64 = i32::MAX as u64;

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

    /// The register of a connector, in millijoules, where one is kept. The error is one line: what
    /// is there is no register, and must not be taken for none.
    pub fn load(&self, connector: u8) -> Result<Option<u64>, String> {
        let Some(directory) = &self.directory else {
            return Ok(None);
        };
        let name = name(connector);
        let what = format!(
            "register: one number of millijoules, at most {} ({MOST_WH} Wh)",
            MOST_WH * MJ_PER_WH
        );
        match line::read(directory, &name, &what)? {
            Some([register_mj]) if register_mj / MJ_PER_WH > MOST_WH => {
                let path = directory.join(name);
                Err(format!("{}: is no {what}", path.display()))
            }
            register => Ok(register.map(|[register_mj]| register_mj)),
        }
    }

    /// Keeps the register of a connector.
    pub fn save(&self, connector: u8, register_mj: u64) -> io::Result<()> {
        match &self.directory {
            Some(directory) => line::replace(directory, &name(connector), &[register_mj]),
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
    use std::fs;

    #[test]
    fn registers_are_found_again() {
        let directory = std::env::temp_dir().join(format!("registers-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let registers = Registers::new(Some(&directory));
        assert_eq!(registers.load(1), Ok(None));
        registers.save(1, 12_345_678_901_234).unwrap();
        assert_eq!(
            Registers::new(Some(&directory)).load(1),
            Ok(Some(12_345_678_901_234))
        );
        assert_eq!(registers.load(2), Ok(None));
        let most = MOST_WH * MJ_PER_WH + MJ_PER_WH - 1;
        registers.save(1, most).unwrap();
        assert_eq!(registers.load(1), Ok(Some(most)));
        for bad in [
            &b"18446744073709551615"[..],
            b"7730941132800000",
            b"-1",
            b"",
            b"\n",
            b"1.5",
            b"12 13",
            b"\xff",
        ] {
            fs::write(directory.join("register-1"), bad).unwrap();
            let problem = registers.load(1).unwrap_err();
            assert!(problem.contains("register-1: "), "{problem}");
            assert!(!problem.contains('\n'), "{problem}");
        }
        fs::remove_file(directory.join("register-1")).unwrap();
        fs::create_dir(directory.join("register-1")).unwrap();
        assert!(registers.load(1).is_err());
        fs::remove_dir_all(&directory).unwrap();
        assert!(registers.save(1, 1).is_err());
        assert!(Registers::default().save(1, 1).is_ok());
    }
}
