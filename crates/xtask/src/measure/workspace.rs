//! The Zephyr workspace and its toolchains, as the suites find them.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    shell::{root, run, target},
    workspace::{folder_of, path, shared_objects, zephyr_base},
};

/// A workspace that can build for Arm, or for this machine.
pub struct Workspace {
    base: PathBuf,
    /// Where the compiler for Arm is.
    compiler: Option<PathBuf>,
}

impl Workspace {
    /// The one for Arm, or what is missing.
    pub fn find() -> Result<Self, String> {
        let compiler = folder_of("arm-none-eabi-gcc").ok_or("no arm-none-eabi-gcc")?;
        Ok(Self {
            compiler: Some(compiler),
            ..Self::for_this_machine()?
        })
    }

    /// The one for images that are programs of this machine, or what is missing.
    pub fn for_this_machine() -> Result<Self, String> {
        let base = zephyr_base().ok_or("no Zephyr workspace (ZEPHYR_BASE, west zephyr-export)")?;
        Ok(Self {
            base,
            compiler: None,
        })
    }

    /// Builds an application with this repository as a module; gives the folder of its image.
    pub fn build(
        &self,
        name: &str,
        board: &str,
        application: &str,
        options: &[String],
    ) -> Result<PathBuf, String> {
        let folder = target().join("footprint").join(name);
        // With patience: images of suites may run meanwhile, which look at the clock.
        let mut west = Command::new("nice");
        west.args(["-n", "15", "west", "build", "-d"]).arg(&folder);
        // CMake runs again whenever it is given options, and takes longer than the build. A configured
        // folder keeps the defaults that an option had then.
        let wanted = format!("{board} {application} {options:?}\n{}", kconfig()?);
        let mark = folder.join("configured");
        if fs::read_to_string(&mark).is_ok_and(|configured| configured == wanted) {
            west.arg(root().join(application));
        } else {
            west.args(["-b", board, "-p", "always"]);
            west.arg(root().join(application)).arg("--");
            west.arg(format!("-DZEPHYR_EXTRA_MODULES={}", root().display()));
            west.args(options);
        }
        west.current_dir(self.base.parent().unwrap_or(&self.base));
        west.env("ZEPHYR_BASE", &self.base);
        west.envs(shared_objects(board));
        match &self.compiler {
            Some(compiler) => {
                west.env("ZEPHYR_TOOLCHAIN_VARIANT", "gnuarmemb");
                let installed = compiler.parent().unwrap_or(compiler);
                west.env("GNUARMEMB_TOOLCHAIN_PATH", installed);
            }
            None => {
                west.env("ZEPHYR_TOOLCHAIN_VARIANT", "host");
            }
        }
        if let Some(path) = path(&self.base) {
            west.env("PATH", path);
        }
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let log = folder.with_extension("log");
        println!("  building {name} ({})", log.display());
        let file = fs::File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
        let errors = file.try_clone().map_err(|e| e.to_string())?;
        west.stdout(file).stderr(errors);
        run(west).map_err(|error| format!("{error}\n  see {}", log.display()))?;
        fs::write(&mark, wanted).map_err(|e| format!("{}: {e}", mark.display()))?;
        Ok(folder.join("zephyr"))
    }
}

/// The module's options, with their defaults.
fn kconfig() -> Result<String, String> {
    let folder = root().join("zephyr");
    let files = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let paths = files.flatten().map(|file| file.path());
    let is_kconfig = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "Kconfig");
    let mut paths: Vec<PathBuf> = paths.filter(is_kconfig).collect();
    paths.sort();
    let texts = paths.iter().map(fs::read_to_string);
    texts.collect::<Result<_, _>>().map_err(|e| e.to_string())
}
