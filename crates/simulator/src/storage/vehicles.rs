//! Vehicles that are plugged in: they are still there when the charge point starts again.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{atomic_file, line};

/// A vehicle as it was when it was plugged in, or when its connector's register was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plugged {
    /// What was in its battery, in millijoules.
    pub stored_mj: u64,
    /// What it had taken here by then.
    pub charged_mj: u64,
    /// Where the register stood, from which follows what it has taken since.
    pub register_mj: u64,
}

/// Where they are kept; nowhere without a directory.
#[derive(Debug, Default)]
pub struct Vehicles {
    directory: Option<PathBuf>,
}

impl Vehicles {
    pub fn new(directory: Option<&Path>) -> Self {
        Self {
            directory: directory.map(Path::to_owned),
        }
    }

    /// The vehicle at a connector, where there is one. The error is one line.
    pub fn load(&self, connector: u8) -> Result<Option<Plugged>, String> {
        let Some(directory) = &self.directory else {
            return Ok(None);
        };
        let what = "vehicle: three numbers of millijoules";
        let plugged = line::read(directory, &name(connector), what)?;
        Ok(plugged.map(|[stored_mj, charged_mj, register_mj]| Plugged {
            stored_mj,
            charged_mj,
            register_mj,
        }))
    }

    /// Keeps the vehicle at a connector, or that there is none any more.
    pub fn save(&self, connector: u8, plugged: Option<Plugged>) -> io::Result<()> {
        let Some(directory) = &self.directory else {
            return Ok(());
        };
        let name = name(connector);
        match plugged {
            Some(Plugged {
                stored_mj,
                charged_mj,
                register_mj,
            }) => line::replace(directory, &name, &[stored_mj, charged_mj, register_mj]),
            None => atomic_file::remove(directory, &name),
        }
    }
}

fn name(connector: u8) -> String {
    format!("vehicle-{connector}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn vehicles_are_found_again_until_they_leave() {
        let directory = std::env::temp_dir().join(format!("vehicles-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let vehicles = Vehicles::new(Some(&directory));
        assert_eq!(vehicles.load(1), Ok(None));
        let plugged = Plugged {
            stored_mj: u64::MAX,
            charged_mj: 0,
            register_mj: 5,
        };
        vehicles.save(1, Some(plugged)).unwrap();
        assert_eq!(Vehicles::new(Some(&directory)).load(1), Ok(Some(plugged)));
        assert_eq!(vehicles.load(2), Ok(None));
        vehicles.save(1, None).unwrap();
        vehicles.save(1, None).unwrap();
        assert_eq!(vehicles.load(1), Ok(None));
        for bad in ["", "1 2", "1 2 3 4 5", "1 2 -3", "1 2 18446744073709551616"] {
            fs::write(directory.join("vehicle-1"), bad).unwrap();
            let problem = vehicles.load(1).unwrap_err();
            assert!(problem.contains("vehicle-1: is no vehicle"), "{problem}");
        }
        fs::remove_dir_all(&directory).unwrap();
        assert!(vehicles.save(1, Some(plugged)).is_err());
        assert!(Vehicles::default().save(1, Some(plugged)).is_ok());
        assert_eq!(Vehicles::default().load(1), Ok(None));
    }
}
