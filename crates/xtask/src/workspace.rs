//! Where the Zephyr workspace and its programs are.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use crate::shell::{root, target};

/// The board that QEMU emulates.
pub const EMULATED: &str = "mps2/an385";

/// `ZEPHYR_BASE`, or the CMake package that `west zephyr-export` registers.
pub fn zephyr_base() -> Option<PathBuf> {
    if let Some(base) = env::var_os("ZEPHYR_BASE") {
        return Some(PathBuf::from(base));
    }
    let packages = PathBuf::from(env::var_os("HOME")?).join(".cmake/packages/Zephyr");
    let registered = fs::read_dir(packages).ok()?.flatten();
    // Each file holds the path of <zephyr>/share/zephyr-package/cmake.
    registered
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter_map(|path| Some(Path::new(path.trim()).ancestors().nth(3)?.to_path_buf()))
        .find(|base| base.join("Kconfig.zephyr").is_file())
}

/// The workspace's virtual environment, where Zephyr's getting-started guide puts it.
fn virtual_environment(base: &Path) -> Option<PathBuf> {
    let programs = base.parent()?.join(".venv/bin");
    programs.join("west").is_file().then_some(programs)
}

/// Variables with which images share what they have in common, though each has a folder of its own:
/// the C that Zephyr builds with ccache, and the Rust, `core` and procedural macros first of all.
/// Cargo takes the folder from version 1.91 on; an older one builds it for each image. It locks the
/// folder, and an image that is started in QEMU asks cargo once more: so those have one of their own.
pub fn shared_objects(board: &str) -> [(&'static str, OsString); 4] {
    let folder = if board == EMULATED {
        "emulated"
    } else {
        "others"
    };
    [
        ("CCACHE_BASEDIR", root().into_os_string()),
        ("CCACHE_NOHASHDIR", OsString::from("1")),
        (
            "CARGO_BUILD_BUILD_DIR",
            target().join("images").join(folder).into_os_string(),
        ),
        // Lines to tell whose code each byte is, in all of them: what is generated stays the same.
        (
            "CARGO_PROFILE_RELEASE_DEBUG",
            OsString::from("line-tables-only"),
        ),
    ]
}

/// The variable that says where bindgen finds libclang, where it is not set: Debian's has its headers beside
/// it there, and lacks `stddef.h` where it is found by its link in another folder.
pub fn libclang() -> Option<(&'static str, PathBuf)> {
    const VARIABLE: &str = "LIBCLANG_PATH";
    if env::var_os(VARIABLE).is_some() {
        return None;
    }
    let versions = fs::read_dir("/usr/lib").ok()?.flatten();
    let version = |name: OsString| name.to_str()?.strip_prefix("llvm-")?.parse::<u32>().ok();
    let newest = versions
        .filter_map(|folder| Some((version(folder.file_name())?, folder.path().join("lib"))))
        .filter(|(_, folder)| folder.join("libclang.so").exists() && folder.join("clang").is_dir())
        .max()?;
    Some((VARIABLE, newest.1))
}

/// PATH with the programs of the workspace in front, when it has some of its own.
pub fn path(base: &Path) -> Option<OsString> {
    let programs = virtual_environment(base)?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = [programs].into_iter().chain(env::split_paths(&path));
    env::join_paths(path).ok()
}

/// The folder in PATH that holds a program.
pub fn folder_of(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find(|folder| folder.join(program).is_file())
}
