//! What happened to the charge point: a ring of lines that survives a restart where there is flash for it,
//! and the file made of it that GetDiagnostics has uploaded.
//!
//! Any thread writes lines, which wait in RAM ([`waiting`]); the engine's thread moves them into the ring
//! ([`store`]) once in a while, and at once when something does not work. Frames, values of settings and
//! other lines for debugging are never kept, for they may be secret.

use ocpp::wire::UnixMillis;

use crate::{
    kernel::{self, Locked, LongLocked, Thread},
    log::{LINE, Level},
    socket,
};

mod entry;
mod export;
mod place;
mod ring;
mod store;
mod waiting;

pub(crate) use export::Export;

use entry::flags;
use store::Store;
use waiting::Waiting;

/// Bytes of the longest line.
const TEXT: usize = LINE - 1;

static WAITING: Locked<Waiting> = Locked::new(Waiting::new());
static STORE: LongLocked<Store> = LongLocked::new(Store::new());

/// Keeps a line of the log, none for debugging.
pub fn keep(level: Level, text: &str) {
    if level >= Level::Debug {
        return;
    }
    let now = kernel::now();
    let is_earlier = WAITING.with(|waiting| waiting.push(level, now, text));
    // The engine's thread looks at what is due before it waits.
    if is_earlier && !Thread::Engine.is_current() {
        socket::wake();
    }
}

/// The station knows the time: lines have it from now on.
pub fn set_time(utc: UnixMillis) {
    let now = kernel::now();
    WAITING.with(|waiting| waiting.set_time(now, utc));
}

/// When lines are due to be moved into the ring.
pub fn deadline() -> u64 {
    WAITING.with(|waiting| waiting.due()).unwrap_or(u64::MAX)
}

/// Moves them if they are due.
pub fn save_when_due() {
    if deadline() <= kernel::now() {
        save();
    }
}

/// Moves them now. Takes as long as flash does, and may not be called with a lock held.
#[inline(never)] // its buffers are on no other stack
pub fn save() {
    STORE.with(|store| store.take(|entry| WAITING.with(|waiting| waiting.pop(entry))));
}
