//! What survives: the engine's records and the meters' registers.

mod atomic_file;
mod file_storage;
mod memory_storage;
mod registers;

pub use file_storage::FileStorage;
pub use memory_storage::MemoryStorage;
pub use registers::Registers;
