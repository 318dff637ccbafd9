//! A station, and the world around it, driven by the bytes of a fuzzer.

mod central_system;
mod disk;
mod grammar;
mod life;

pub use arbitrary::Unstructured;
pub use disk::Disk;
pub use grammar::frame;
pub use life::Life;
