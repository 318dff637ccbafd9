//! The thread that opens connections, so that nobody else waits for the network. Before it does,
//! it says goodbye on the one before, where that is still open, and asks the time server, if there is one, so that the time is known before the first message.

use crate::{
    kernel::{FOREVER, Semaphore},
    settings::SETTINGS,
    shared::{self, Phase, SHARED},
    socket,
    time_server::Clock,
};

/// Its entry.
pub extern "C" fn run(_: u32) {
    let mut clock = Clock::new();
    loop {
        Semaphore::Open.take(FOREVER);
        if shared::is_stopping() {
            return;
        }
        if SHARED.with(|shared| core::mem::take(&mut shared.leaving)) {
            socket::close(false);
        }
        if let Some(heard) = clock.ask_when_due() {
            SHARED.with(|shared| shared.time = Some(heard));
        }
        let opened = socket::open(SETTINGS.get());
        let told = SHARED.with(|shared| {
            let told = shared.phase != Phase::Stopping;
            if told {
                shared.opened.put(opened);
            }
            told
        });
        if !told && opened.is_ok() {
            // Nobody else is there any more to close it.
            socket::close(false);
        }
        socket::wake();
    }
}
