//! `charge-point test`: what it says of central systems that behave, and of those that do not. A suite whose
//! scenarios cannot fail is worthless: each kind of expectation is shown to fail here.
#![allow(clippy::restriction)] // What fails here may panic.

mod bench;
#[path = "../charge_point/mod.rs"]
mod charge_point;
mod expectations;
mod files;
mod hooks;
mod secured;
#[path = "../server/mod.rs"]
mod server;
mod suite;
