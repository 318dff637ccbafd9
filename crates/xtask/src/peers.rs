//! The central systems that other projects wrote, and the official schemas they bring:
//! npm `ocpp-rpc` and PyPI `ocpp`, in `target/peers`.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    apt,
    shell::{command, output, root, run, target},
};

/// Where they are installed.
pub fn folder() -> PathBuf {
    target().join("peers")
}

/// The Python that has PyPI `ocpp`.
pub fn python() -> PathBuf {
    folder().join("venv/bin/python")
}

/// What the virtual environment and the modules were made from; installed again when it differs.
fn wanted() -> Result<String, String> {
    let mut wanted = String::new();
    for file in [
        "tests/peers/ocpp_py/requirements.txt",
        "tests/peers/ocpp_rpc/package.json",
    ] {
        let text = fs::read_to_string(root().join(file)).map_err(|e| format!("{file}: {e}"))?;
        wanted.push_str(&text);
    }
    Ok(wanted)
}

/// Installs what is missing, with Debian's packages, pip and npm.
pub fn install() -> Result<(), String> {
    let wanted = wanted()?;
    let mark = folder().join("installed");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        println!("  {} is up to date", folder().display());
        return Ok(());
    }
    install_programs()?;
    fs::create_dir_all(folder()).map_err(|error| format!("target/peers: {error}"))?;

    install_python(
        &folder().join("venv"),
        "tests/peers/ocpp_py/requirements.txt",
    )?;
    install_modules(&folder(), "tests/peers/ocpp_rpc/package.json")?;
    fs::write(mark, wanted).map_err(|error| format!("target/peers/installed: {error}"))
}

/// A new virtual environment with what a requirements file names.
pub fn install_python(venv: &Path, requirements: &str) -> Result<(), String> {
    let folder = venv.to_string_lossy();
    run(command("python3", &["-m", "venv", "--clear", &folder]))?;
    let quiet = ["--quiet", "--disable-pip-version-check"];
    let mut pip = command(venv.join("bin/python"), &["-m", "pip", "install"]);
    pip.args(quiet).args(["-r", requirements]);
    run(pip)
}

/// The modules that a `package.json` names, into a folder of their own.
pub fn install_modules(folder: &Path, package: &str) -> Result<(), String> {
    // npm installs beside the package.json it finds, so that one is copied to where the
    // modules may be.
    let manifest = folder.join("package.json");
    fs::copy(root().join(package), &manifest)
        .map_err(|error| format!("{}: {error}", manifest.display()))?;
    let mut npm = command(
        "npm",
        &[
            "install",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ],
    );
    npm.current_dir(folder);
    run(npm)
}

/// Python with venv, Node.js with npm, and openssl, which makes keys, from Debian where they are missing.
fn install_programs() -> Result<(), String> {
    let mut packages = Vec::new();
    if output("python3", &["-c", "import venv, ensurepip"]).is_none() {
        packages.push("python3-venv");
    }
    if output("node", &["--version"]).is_none() {
        packages.push("nodejs");
    }
    if output("npm", &["--version"]).is_none() {
        packages.push("npm");
    }
    if output("openssl", &["version"]).is_none() {
        packages.push("openssl");
    }
    apt::install(&packages)
}

/// The variables by which the peers' scripts find things.
pub fn environment() -> Vec<(&'static str, PathBuf)> {
    let exe = format!("debug/charge-point{}", env::consts::EXE_SUFFIX);
    vec![
        ("CHARGE_POINT", target().join(exe)),
        ("PEERS_NODE_MODULES", folder().join("node_modules")),
    ]
}

/// A version of OCPP, as the schemas of the packages have it.
#[derive(Clone, Copy)]
pub struct Version {
    name: &'static str,
    /// Of npm `ocpp-rpc`, a file.
    npm_schemas: &'static str,
    /// Of PyPI `ocpp`, a folder.
    pypi_schemas: &'static str,
}

/// OCPP 1.6.
pub const V16: Version = Version {
    name: "1.6",
    npm_schemas: "ocpp1_6.json",
    pypi_schemas: "v16/schemas",
};

/// OCPP 2.0.1.
pub const V201: Version = Version {
    name: "2.0.1",
    npm_schemas: "ocpp2_0_1.json",
    pypi_schemas: "v201/schemas",
};

/// Checks recorded frames against both sets of schemas.
pub fn check_frames(
    version: Version,
    frames: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<(), String> {
    let npm = folder().join("node_modules/ocpp-rpc/lib/schemas");
    let mut check = command(python(), &["tests/peers/check_frames.py"]);
    check.args(["--ocpp", version.name]);
    check
        .arg("--npm-schemas")
        .arg(npm.join(version.npm_schemas));
    check
        .arg("--pypi-schemas")
        .arg(pypi_package()?.join(version.pypi_schemas));
    check.args(frames);
    run(check)
}

/// Where PyPI `ocpp` is installed.
fn pypi_package() -> Result<PathBuf, String> {
    let find = "import ocpp, pathlib; print(pathlib.Path(ocpp.__file__).parent)";
    output(&python().to_string_lossy(), &["-c", find])
        .map(PathBuf::from)
        .ok_or_else(|| "PyPI ocpp is not installed: cargo xtask peers".to_owned())
}
