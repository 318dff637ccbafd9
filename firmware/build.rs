//! Hands the firmware's own Kconfig options to `src/settings.rs`, and what it needs of LVGL to
//! `src/gui/lv.rs`.

use std::{env, error::Error, fs, path::PathBuf};

/// What `src/gui/lv.rs` calls; types come with the functions that have them.
const FUNCTIONS: &[&str] = &[
    "lvgl_init",
    "lv_timer_handler",
    "lv_display_get_default",
    "lv_display_get_(horizontal|vertical)_resolution",
    "lv_screen_active",
    "lv_font_get_line_height",
    "lv_obj_(create|align|set_size|set_flag|remove_flag)",
    "lv_obj_set_style_(bg|border|text|arc)_color",
    "lv_obj_set_style_(bg|arc)_opa",
    "lv_obj_set_style_(radius|border_width|arc_width|text_font|text_align)",
    "lv_label_(create|set_text|set_long_mode)",
    "lv_arc_(create|set_rotation|set_angles|set_bg_angles)",
];

const CONSTANTS: &[&str] = &[
    "LV_ALIGN_(LEFT_MID|(TOP|BOTTOM)_(MID|RIGHT)|TOP_LEFT)",
    "LV_LABEL_LONG_MODE_DOTS",
    "LV_OBJ_FLAG_(HIDDEN|CLICKABLE|SCROLLABLE)",
    "LV_PART_(MAIN|INDICATOR)",
    "LV_TEXT_ALIGN_(LEFT|CENTER|RIGHT)",
];

/// The two fonts for each choice of CHARGE_POINT_GUI_TEXT.
const FONTS: [(&str, u32, u32); 3] = [
    ("CONFIG_CHARGE_POINT_GUI_TEXT_LARGE", 36, 24),
    ("CONFIG_CHARGE_POINT_GUI_TEXT_MEDIUM", 20, 14),
    ("CONFIG_CHARGE_POINT_GUI_TEXT_SMALL", 16, 12),
];

/// Those that are there or not: `cfg(CONFIG_…)`.
const SWITCHES: [&str; 5] = [
    "CONFIG_CHARGE_POINT_GUI",
    "CONFIG_CHARGE_POINT_SESSION_LOG",
    "CONFIG_CHARGE_POINT_SHELL",
    "CONFIG_CHARGE_POINT_SMALL_DISPLAY",
    "CONFIG_CHARGE_POINT_SMALL_DISPLAY_INVERTED",
];

fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=DOTCONFIG");
    let path = env::var_os("DOTCONFIG")
        .ok_or("west build sets DOTCONFIG; cargo alone cannot build the firmware")?;
    println!("cargo::rerun-if-changed={}", path.display());
    let options = fs::read_to_string(&path)?;
    let mut options = options.lines().filter_map(|line| line.split_once('='));
    for switch in SWITCHES {
        println!("cargo::rustc-check-cfg=cfg({switch})");
    }
    let mut fonts = None;
    for (name, value) in options.by_ref() {
        if name == "CONFIG_BOARD" || name.starts_with("CONFIG_CHARGE_POINT_") {
            println!("cargo::rustc-env={name}={}", unquoted(value));
            if SWITCHES.contains(&name) && value == "y" {
                println!("cargo::rustc-cfg={name}");
            }
        }
        fonts = fonts.or(FONTS.into_iter().find(|(choice, ..)| *choice == name));
    }
    match fonts {
        Some((_, title, body)) => bind_lvgl(title, body),
        None => Ok(()),
    }
}

/// Writes `lvgl.rs` with the functions, and with the fonts as `TITLE` and `BODY`: from the headers
/// that the image is compiled with, so that Rust and C agree.
fn bind_lvgl(title: u32, body: u32) -> Result<(), Box<dyn Error>> {
    let mut bindings = bindgen::Builder::default()
        .header_contents(
            "gui.h",
            "#include <zephyr/autoconf.h>\n#include <lvgl.h>\n#include <lvgl_zephyr.h>\n",
        )
        .use_core()
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .layout_tests(false)
        .opaque_type("lv_font_t")
        .raw_line(format!(
            "pub use self::{{lv_font_montserrat_{title} as TITLE, lv_font_montserrat_{body} as BODY}};"
        ))
        .allowlist_var(format!("lv_font_montserrat_({title}|{body})"))
        .clang_arg(format!("-I{}/lib/libc/minimal/include", env::var("ZEPHYR_BASE")?));
    let target = env::var("TARGET")?;
    bindings = bindings.clang_arg(format!("--target={target}"));
    if target.starts_with("thumb") {
        // GCC for Arm without an operating system does so by itself.
        bindings = bindings.clang_arg("-fshort-enums");
    }
    for (option, variable) in [("-I", "INCLUDE_DIRS"), ("-D", "INCLUDE_DEFINES")] {
        println!("cargo::rerun-if-env-changed={variable}");
        let all = env::var(variable)?;
        let each = all.split([' ', ';']).filter(|one| !one.is_empty());
        bindings = bindings.clang_args(each.map(|one| format!("{option}{one}")));
    }
    for function in FUNCTIONS {
        bindings = bindings.allowlist_function(function);
    }
    for constant in CONSTANTS {
        bindings = bindings.allowlist_var(constant);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    bindings.generate()?.write_to_file(out.join("lvgl.rs"))?;
    Ok(())
}

/// Kconfig writes strings in quotes, and a backslash before quotes and backslashes in them.
fn unquoted(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let mut text = String::new();
    let mut characters = inner.unwrap_or(value).chars();
    while let Some(character) = characters.next() {
        let character = match character {
            '\\' => characters.next(),
            character => Some(character),
        };
        text.extend(character);
    }
    text
}
