//! `charge-point test`: what it says of central systems that behave, and of those that do not. A suite whose
//! scenarios cannot fail is worthless: each kind of expectation is shown to fail here.

pub mod bench;
mod expectations;
mod files;
mod hooks;
mod secured;
mod suite;
