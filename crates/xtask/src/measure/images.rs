//! The images that are weighed: `samples/c_api` on stm32f769i_disco, and what it is without the
//! charge point.

use std::{fs, path::PathBuf};

use super::{
    link_map::{self, Piece},
    workspace::Workspace,
};
use crate::shell::{output, root};

const BOARD: &str = "stm32f769i_disco";
const SAMPLE: &str = "samples/c_api";

/// An image, and the pieces that it was linked from.
pub struct Image {
    pub elf: PathBuf,
    pub pieces: Vec<Piece>,
    /// Bytes of flash: code, constants, and what initialises RAM.
    pub flash: u64,
    /// Bytes of RAM that are taken for good.
    pub ram: u64,
}

fn image(folder: PathBuf) -> Result<Image, String> {
    let elf = folder.join("zephyr.elf");
    let map = folder.join("zephyr.map");
    let map = fs::read_to_string(&map).map_err(|e| format!("{}: {e}", map.display()))?;
    let sizes = output("arm-none-eabi-size", &[&elf.to_string_lossy()]);
    let sizes = sizes.ok_or("arm-none-eabi-size failed")?;
    // text data bss ... in the second line
    let numbers = sizes.lines().nth(1).unwrap_or_default().split_whitespace();
    let numbers: Vec<u64> = numbers.map_while(|word| word.parse().ok()).collect();
    let [text, data, bss, ..] = numbers[..] else {
        return Err(format!("arm-none-eabi-size said: {sizes}"));
    };
    Ok(Image {
        elf,
        pieces: link_map::read(&map),
        flash: text + data,
        ram: data + bss,
    })
}

/// The sample.
pub fn with(workspace: &Workspace) -> Result<Image, String> {
    image(workspace.build("with", BOARD, SAMPLE, &[])?)
}

/// The sample with more: Kconfig options, in a folder of that name.
pub fn with_options(
    workspace: &Workspace,
    name: &str,
    options: &[String],
) -> Result<Image, String> {
    image(workspace.build(name, BOARD, SAMPLE, options)?)
}

/// The same configuration with CONFIG_OCPP_MODULE=n.
pub fn without(workspace: &Workspace) -> Result<Image, String> {
    let sample = root().join(SAMPLE);
    let options = [
        format!("-DCONF_FILE={}", sample.join("prj.conf").display()),
        format!(
            "-DEXTRA_CONF_FILE={}",
            sample.join(format!("boards/{BOARD}.conf")).display()
        ),
        "-DCONFIG_OCPP_MODULE=n".to_owned(),
    ];
    image(workspace.build("without", BOARD, "crates/measure/image", &options)?)
}
