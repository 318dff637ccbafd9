//! An OCPP 1.6J charge point, as an engine without I/O: `no_std`, no heap, no `unsafe`.
//!
//! # How it is driven
//!
//! A [`Station`] reads no clock, opens no socket, starts no thread and never blocks. Everything
//! comes in as an argument and goes out as a value:
//!
//! ```text
//! handle(now, Input)   something happened: a frame arrived, a cable was plugged, ...
//! poll(now) -> Output  Send(frame) | Connect | Event(for the application) | Wait(until)
//! ```
//!
//! One rule: **after every `handle`, call `poll` until it says `Wait`, and call it again when
//! that time has come.** `now` is monotonic, in milliseconds, and never goes back. What does
//! not fit into that rule is refused, not guessed: an input that needs the transmit buffer while
//! a frame waits in it gets [`Refused::Busy`](station::Refused::Busy). The
//! rule applies to two calls more, which an operator in front of the charge point may need:
//! [`Station::configure`] and [`Station::connect_now`].
//!
//! ```
//! use ocpp::{storage::MemoryStorage, v16::{Measurand, Measured, core::Identity}};
//! use ocpp::station::{Input, Memory, Output, Profile, Station};
//!
//! let profile = Profile {
//!     identity: Identity { vendor: "Example", model: "One", ..Identity::default() },
//!     connectors: 1,
//!     vendors: &[],
//!     measurands: Some(&[Measured::of(Measurand::PowerActiveImport)]),
//!     seed: 0x5eed,
//! };
//! let mut storage = MemoryStorage::<4096>::new();
//! let (mut memory, mut tx) = (Memory::new(), [0; 1536]);
//! let mut station = Station::new(profile, &mut storage, &mut memory, &mut tx, 0)?;
//!
//! assert_eq!(station.poll(0), Output::Connect);
//! station.handle(5, Input::Connected)?;
//! let Output::Send(frame) = station.poll(5) else { panic!("nothing to send") };
//! assert!(frame.contains(r#""BootNotification",{"chargePointVendor":"Example""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where what is
//!
//! [`wire`] knows frames, JSON and time; [`v16`] knows the messages of OCPP 1.6; [`station`]
//! knows what a charge point does; [`storage`] is how it survives a power loss; [`limits`] are
//! the capacities that a build fixes.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable
    )
)]

pub mod limits;
pub mod station;
pub mod storage;
pub mod v16;
pub mod wire;

pub use station::Station;
