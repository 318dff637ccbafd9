//! The thread that opens connections, so that no other thread waits for the network. Before it does,
//! it says goodbye on the one before, where that is still open, and asks the time server, if there is
//! one, so that the time is known before the first message.

use crate::{
    kernel::{FOREVER, Locked, Semaphore},
    lifecycle,
    settings::SETTINGS,
    slot::Slot,
    socket::{self, NotOpened},
    time_server::{Clock, Heard},
};

/// What this thread and the engine's tell each other.
#[derive(Debug)]
pub struct Opener {
    /// The engine's thread is there to take what this one reports.
    is_heard: bool,
    /// It leaves a connection to be closed, with a goodbye, before the next one is opened.
    pub leaving: bool,
    opened: Slot<Result<(), NotOpened>>,
    time: Option<Heard>,
}

/// All zeros at first, so that it takes no room in flash.
pub static OPENER: Locked<Opener> = Locked::new(Opener {
    is_heard: false,
    leaving: false,
    opened: Slot::Empty,
    time: None,
});

impl Opener {
    /// The charge point is being started.
    pub fn begin(&mut self) {
        self.is_heard = true;
    }

    /// What came of opening a connection, and what a time server said, if that is new.
    pub fn take(&mut self) -> (Option<Result<(), NotOpened>>, Option<Heard>) {
        (self.opened.take(), self.time.take())
    }

    /// The engine's thread takes nothing any more after this; true for a connection that it has to
    /// close.
    pub fn end(&mut self) -> bool {
        self.is_heard = false;
        matches!(self.opened.take(), Some(Ok(())))
    }
}

/// Its entry.
pub extern "C" fn run(_: u32) {
    let mut clock = Clock::new();
    loop {
        Semaphore::Open.take(FOREVER);
        if lifecycle::is_stopping() {
            return;
        }
        if OPENER.with(|opener| core::mem::take(&mut opener.leaving)) {
            socket::close(false);
        }
        if let Some(heard) = clock.ask_when_due() {
            OPENER.with(|opener| opener.time = Some(heard));
        }
        let opened = socket::open(SETTINGS.get());
        let is_heard = OPENER.with(|opener| {
            if opener.is_heard {
                opener.opened.put(opened);
            }
            opener.is_heard
        });
        if !is_heard && opened.is_ok() {
            // The engine's thread is not there any more to close it.
            socket::close(false);
        }
        socket::wake();
    }
}
