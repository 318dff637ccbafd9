//! The OCPP charge point engine on Zephyr, for applications in Rust ([`charge_point`]) and in C
//! ([`api`]).
//!
//! The engine ([`ocpp`]) does no I/O; this crate drives it. Several kinds of threads meet here:
//!
//! * **the engine's** ([`engine`]) owns the station and the connection. It waits for data, for a
//!   call, or for the station's next deadline, and for nothing else;
//! * **the connect thread** ([`connect_thread`]) does what blocks: names, connecting, handshakes, and
//!   looking at certificates;
//! * **the thread of files** (`files`, with the firmware management profile) fetches images into flash
//!   and delivers diagnostics;
//! * **callback threads** ([`callbacks`]) run the application's callback, so that it may take
//!   its time and may call the API;
//! * **the application's** call the charge point, which queues the call ([`calls`]), wakes the
//!   engine's thread and waits for the reply.
//!
//! With `CONFIG_OCPP_SHELL` the thread of a shell is one of these (`shell`).
//!
//! What they share belongs to the module that it is about, each behind the same lock
//! ([`kernel::Locked`]), which no thread holds while it waits.
//!
//! All `unsafe` code of the engine's surroundings is here, and C below `c/` is for what Rust cannot
//! reach: the macros and inline functions of Zephyr.
#![cfg_attr(not(any(test, feature = "host")), no_std)]
#![cfg_attr(
    not(any(test, feature = "host")),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

pub mod api;
mod application;
mod application_settings;
mod callbacks;
mod calls;
#[cfg(feature = "security")]
mod certificates;
pub mod charge_point;
mod connect_thread;
mod connection;
mod credentials;
#[cfg(feature = "firmware-management")]
mod diagnostics;
mod engine;
mod errno;
#[cfg(feature = "firmware-management")]
mod files;
#[cfg(any(test, feature = "host"))]
pub mod host;
mod kernel;
mod lifecycle;
mod limits;
mod log;
mod mailbox;
mod meter;
mod pending_calls;
#[cfg(any(feature = "settings", feature = "reservation"))]
mod place;
mod reach;
mod reassembly;
#[cfg(feature = "reservation")]
mod reservations;
mod sending;
mod server;
mod session;
mod sessions;
mod settings;
#[cfg(feature = "shell")]
pub mod shell;
mod sntp;
mod socket;
mod storage;
#[cfg(test)]
mod tests;
mod text;
#[cfg(feature = "tls")]
mod tls;
mod transfer;

/// No panic is reachable; should there be one, it stops the image.
#[cfg(all(feature = "image", not(test)))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    log::error("panic in the OCPP charge point");
    loop {
        kernel::panic();
    }
}
