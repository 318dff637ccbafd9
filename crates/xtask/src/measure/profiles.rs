//! `cargo xtask footprint profiles`: what each feature profile of OCPP 1.6 adds to Core.

use super::{
    footprint::size,
    images::{self, Image},
    link_map::Kind,
    thousands,
    workspace::Workspace,
};
use crate::shell::root;

/// A profile, and its option in Kconfig.
const PROFILES: [(&str, &str); 4] = [
    ("Local Auth List Management", "LOCAL_AUTH_LIST"),
    ("Reservation", "RESERVATION"),
    ("Smart Charging", "SMART_CHARGE"),
    ("Firmware Management", "FIRMWARE_MGNT"),
];
/// TLS and the messages of the security whitepaper, which take Firmware Management along.
const SECURITY: &str = "samples/c_api/overlay-security.conf";
/// What Core is to stay below with them, in bytes.
const SECURE_TARGET: u64 = 112 * 1024;
/// What all six are to stay below, in bytes.
const FLASH_TARGET: u64 = 96 * 1024;
const RAM_TARGET: u64 = 30 * 1024;

/// Flash and RAM of the module.
#[derive(Clone, Copy)]
struct Taken {
    flash: u64,
    ram: u64,
}

impl Taken {
    fn by(image: &Image) -> Self {
        let total = |wanted: fn(Kind) -> bool| {
            let kinds = Kind::ALL.into_iter().filter(|kind| wanted(*kind));
            kinds.map(|kind| size(&image.pieces, kind)).sum()
        };
        Self {
            flash: total(Kind::is_in_flash),
            ram: total(Kind::is_in_ram),
        }
    }
}

/// The table: Core with Remote Trigger, each other profile alone, and all six.
pub fn table(workspace: &Workspace) -> Result<String, String> {
    let core = Taken::by(&images::with(workspace)?);
    let mut rows = vec![row("Core and Remote Trigger", core, None)];
    for (profile, option) in PROFILES {
        let taken = Taken::by(&images::with_options(
            workspace,
            &format!("with-{}", option.to_lowercase().replace('_', "-")),
            &[switch(option)],
        )?);
        rows.push(row(&format!("and {profile}"), taken, Some(core)));
    }
    let options = PROFILES.map(|(_, option)| switch(option));
    let all = Taken::by(&images::with_options(workspace, "with-all", &options)?);
    rows.push(row("**all six**", all, Some(core)));
    rows.push(row(
        "target of all six",
        Taken {
            flash: FLASH_TARGET,
            ram: RAM_TARGET,
        },
        None,
    ));
    let overlay = format!("-DEXTRA_CONF_FILE={}", root().join(SECURITY).display());
    let secure = images::with_options(workspace, "with-security", &[overlay])?;
    let what = "Core, Firmware Management, TLS and security messages";
    rows.push(row(what, Taken::by(&secure), Some(core)));
    rows.push(vec![
        "target of these".to_owned(),
        thousands(SECURE_TARGET),
        String::new(),
        String::new(),
        String::new(),
    ]);
    let head = ["the module with", "flash", "more", "RAM", "more"];
    Ok(super::table(&head, &rows))
}

fn switch(option: &str) -> String {
    format!("-DCONFIG_OCPP_PROFILE_{option}=y")
}

fn row(what: &str, taken: Taken, core: Option<Taken>) -> Vec<String> {
    let more = |taken, core: Option<u64>| {
        core.map_or_else(String::new, |core| {
            thousands(u64::saturating_sub(taken, core))
        })
    };
    vec![
        what.to_owned(),
        thousands(taken.flash),
        more(taken.flash, core.map(|core| core.flash)),
        thousands(taken.ram),
        more(taken.ram, core.map(|core| core.ram)),
    ]
}
