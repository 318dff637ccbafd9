//! What survives: the engine's records, the meters' registers, and the vehicles.

pub mod atomic_file;
mod crc;
mod file_storage;
mod format;
mod line;
mod memory_storage;
mod registers;
mod vehicles;

pub use file_storage::FileStorage;
pub use memory_storage::MemoryStorage;
pub use registers::Registers;
pub use vehicles::{Plugged, Vehicles};
