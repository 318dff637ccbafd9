//! A charge point with two connectors, and a simulated car at each.
//!
//! It gets an address, finds the central system, asks for the time and starts the charge point.
//! Then each connector has a thread ([`driver`]) that authorizes, charges and stops; what the
//! charge point wants meanwhile arrives in [`connectors`], which knows what each connector does.
//! Each [`second`] what goes on is looked at, and written to the [`session_log`].
//!
//! C below `c/` is for what only macros and inline functions of Zephyr reach; each of its files
//! has one module here, and these hold all `unsafe` of the firmware.
#![no_std]

mod car;
mod central_system;
mod clock;
mod command_line;
mod connectors;
mod driver;
#[cfg(CONFIG_CHARGE_POINT_GUI)]
mod gui;
mod log;
mod network;
mod second;
mod session_log;
mod settings;
#[cfg(CONFIG_CHARGE_POINT_SHELL)]
mod shell;
#[cfg(CONFIG_CHARGE_POINT_SMALL_DISPLAY)]
mod small_display;
mod text;
mod view;

use ocpp::domain::Identity;
use ocpp_port::charge_point::{self, Description};

use crate::{connectors::CONNECTORS, log::line};

/// What Zephyr calls when it has booted.
// SAFETY: this name is Zephyr's for it, and nothing else here has it.
#[unsafe(no_mangle)]
pub extern "C" fn rust_main() {
    log::print(format_args!("OCPP sample {}", settings::BOARD));
    view::start();
    session_log::start();
    #[cfg(CONFIG_CHARGE_POINT_GUI)]
    gui::start();
    #[cfg(CONFIG_CHARGE_POINT_SMALL_DISPLAY)]
    small_display::start();
    second::start();
    network::await_address();
    let Some(central_system) = central_system::find() else {
        return;
    };
    let time = clock::ask();

    let description = Description {
        identity: Identity {
            model: "basic",
            vendor: "zephyr",
            firmware_version: Some(env!("CARGO_PKG_VERSION")),
            ..Identity::default()
        },
        connectors: connectors::COUNT,
    };
    if let Err(error) = charge_point::start(&description, &central_system, &CONNECTORS) {
        line!(Error, "ocpp init failed {}", error.number());
        return;
    }
    if let Some(time) = time {
        clock::tell(&time);
    }
    command_line::break_something();
    connectors::seat_first_drivers();
    driver::start_all();
}
