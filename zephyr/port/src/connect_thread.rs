//! The thread that opens connections, so that no other thread waits for the network. Before that it
//! closes the previous one, where that is still open, and asks the SNTP server, if there is one, so
//! that the time is known before the first message.

use crate::{
    kernel::{FOREVER, Locked, Semaphore},
    lifecycle,
    mailbox::Mailbox,
    settings::SETTINGS,
    sntp::{SntpClient, SntpTime},
    socket::{self, ConnectError},
};

/// What this thread and the engine's exchange.
#[derive(Debug)]
pub struct ConnectState {
    /// The engine's thread runs, and takes the result.
    is_running: bool,
    /// The connection that is still open is to be closed, with a close frame, before the next one
    /// is opened.
    pub closes_first: bool,
    /// What the station offers on the connection that is to be opened.
    pub subprotocol: Option<&'static str>,
    result: Mailbox<Result<(), ConnectError>>,
    time: Option<SntpTime>,
}

/// All zeros at first, so that it takes no room in flash.
pub static CONNECT_STATE: Locked<ConnectState> = Locked::new(ConnectState {
    is_running: false,
    closes_first: false,
    subprotocol: None,
    result: Mailbox::Empty,
    time: None,
});

impl ConnectState {
    /// The charge point is being started.
    pub fn begin(&mut self) {
        self.is_running = true;
    }

    /// The result of opening a connection, and the time from an SNTP server, each when it is new.
    pub fn take(&mut self) -> (Option<Result<(), ConnectError>>, Option<SntpTime>) {
        (self.result.take(), self.time.take())
    }

    /// The charge point is shut down: the engine's thread takes no result after this. True if there
    /// is a connection that it has to close.
    pub fn end(&mut self) -> bool {
        self.is_running = false;
        matches!(self.result.take(), Some(Ok(())))
    }
}

/// Entry of the thread.
pub extern "C" fn run(_: u32) {
    let mut sntp = SntpClient::new();
    loop {
        Semaphore::Connect.take(FOREVER);
        if lifecycle::is_stopping() {
            return;
        }
        if CONNECT_STATE.with(|state| core::mem::take(&mut state.closes_first)) {
            socket::close(false);
        }
        if let Some(time) = sntp.query_when_due() {
            CONNECT_STATE.with(|state| state.time = Some(time));
        }
        let subprotocol = CONNECT_STATE.with(|state| state.subprotocol);
        let result = socket::open(SETTINGS.get(), subprotocol.unwrap_or(""));
        let is_running = CONNECT_STATE.with(|state| {
            if state.is_running {
                state.result.put(result);
            }
            state.is_running
        });
        if !is_running && result.is_ok() {
            // The engine's thread has ended and does not close it.
            socket::close(false);
        }
        socket::wake();
    }
}
