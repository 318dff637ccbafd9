//! The thread that opens connections, so that nobody else waits for the network.

use crate::{
    kernel::{FOREVER, Semaphore},
    settings::SETTINGS,
    shared::{self, Phase, SHARED},
    socket,
};

/// Its entry.
pub extern "C" fn run(_: u32) {
    loop {
        Semaphore::Open.take(FOREVER);
        if shared::is_stopping() {
            return;
        }
        let opened = socket::open(SETTINGS.get());
        let told = SHARED.with(|shared| {
            let told = shared.phase != Phase::Stopping;
            shared.opened = told.then_some(opened);
            told
        });
        if !told && opened.is_ok() {
            // Nobody else is there any more to close it.
            socket::close(false);
        }
        socket::wake();
    }
}
