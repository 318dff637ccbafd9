//! An OCPP 1.6J charge point, as an engine without I/O: `no_std`, no heap, no `unsafe`.
//!
//! # How it is driven
//!
//! A [`Station`] reads no clock, opens no socket, starts no thread and never blocks. Everything
//! comes in as an argument and goes out as a value:
//!
//! ```text
//! handle(now, Input)   something happened: a frame arrived, a cable was plugged, ...
//! poll(now) -> Output  Send(frame) | Connect | Event(for the application) | Wait(until) | ...
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
//! use ocpp::{Version, storage::MemoryStorage, domain::{Equipment, Measurand, Measured, Identity}};
//! use ocpp::station::{Input, Memory, Output, Profile, Station};
//!
//! let profile = Profile {
//!     version: Version::V16,
//!     identity: Identity { vendor: "Example", model: "One", ..Identity::default() },
//!     connectors: 1,
//!     vendors: &[],
//!     measurands: Some(&[Measured::of(Measurand::PowerActiveImport)]),
//!     settings: &[],
//!     boot_reason: None,
//!     firmware_mark: 0,
//!     transfer_protocols: &[],
//!     equipment: Equipment::default(),
//!     seed: 0x5eed,
//! };
//! let mut storage = MemoryStorage::<4096>::new();
//! let (mut memory, mut tx) = (Memory::new(), [0; 1536]);
//! let mut station = Station::new(profile, &mut storage, &mut memory, &mut tx, 0)?;
//!
//! assert_eq!(station.poll(0), Output::Connect { subprotocol: "ocpp1.6" });
//! station.handle(5, Input::Connected)?;
//! let Output::Send(frame) = station.poll(5) else { panic!("nothing to send") };
//! assert!(frame.contains(r#""BootNotification",{"chargePointVendor":"Example""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The whole loop
//!
//! `examples/charge_point.rs` is a complete charge point on a blocking websocket, in under 100 lines.
//! Without its websocket, its meter and its driver, this is left:
//!
//! ```
//! use ocpp::station::{Event, Input, Output, Refused, Station};
//!
//! # enum Arrived { Text(Vec<u8>), Nothing, Lost }
//! # trait WebSocket {
//! #     fn open(&mut self, subprotocol: &str) -> bool;
//! #     fn send_part(&mut self, part: &str);
//! #     fn send(&mut self, rest: &str);
//! #     fn close(&mut self);
//! #     fn receive(&mut self, until: u64) -> Arrived;
//! # }
//! # trait Application {
//! #     fn next_input(&mut self) -> Option<Input<'_>>;
//! #     fn hear(&mut self, event: Event);
//! # }
//! fn run(
//!     station: &mut Station<'_>,
//!     websocket: &mut impl WebSocket,
//!     application: &mut impl Application,
//!     now: impl Fn() -> u64,
//! ) -> Result<(), Refused> {
//!     loop {
//!         let until = loop {
//!             match station.poll(now()) {
//!                 Output::SendPart(part) => websocket.send_part(part),
//!                 Output::Send(rest) => websocket.send(rest),
//!                 Output::Connect { subprotocol } => {
//!                     let input = match websocket.open(subprotocol) {
//!                         true => Input::Connected,
//!                         false => Input::Disconnected,
//!                     };
//!                     station.handle(now(), input)?;
//!                 }
//!                 Output::Disconnect => websocket.close(),
//!                 Output::Event(event) => application.hear(event),
//!                 Output::Wait(until) => break until,
//!             }
//!         };
//!         // Plugged cables, idTags, and the meter that an event has asked for; one at a time.
//!         if let Some(input) = application.next_input() {
//!             station.handle(now(), input)?;
//!             continue;
//!         }
//!         match websocket.receive(until) {
//!             Arrived::Text(text) => station.handle(now(), Input::Frame(&text))?,
//!             Arrived::Nothing => {}
//!             Arrived::Lost => station.handle(now(), Input::Disconnected)?,
//!         }
//!     }
//! }
//! ```
//!
//! # Where what is
//!
//! [`wire`] knows frames, JSON and time; [`domain`] has the words that all versions of OCPP share, and
//! [`v16`] the messages of OCPP 1.6; [`station`]
//! knows what a charge point does; [`storage`] is how it survives a power loss; [`limits`] are
//! the capacities that a build fixes.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "v16", feature = "v201")))]
compile_error!("a station speaks at least one version of OCPP: feature v16 or v201");

mod dialect;
pub mod domain;
pub mod limits;
pub mod station;
pub mod storage;
#[cfg(feature = "v16")]
pub mod v16;
#[cfg(feature = "v201")]
pub mod v201;
pub mod wire;

pub use dialect::Version;
pub use station::Station;
