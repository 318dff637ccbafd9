//! Where the station's records are: in RAM. This is the one place that says so.

use ocpp::storage::MemoryStorage;

use crate::{kernel::Owned, limits::STORAGE_SIZE};

/// What the engine's thread stores in.
pub type Records = MemoryStorage<STORAGE_SIZE>;

/// Belongs to the engine's thread. It outlives a shutdown, so that the next start finds what
/// was not delivered.
pub static RECORDS: Owned<Records> = Owned::new(Records::new());
