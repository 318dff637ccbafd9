//! The thread that opens connections, so that no other thread waits for the network. Before that it
//! closes the previous one, where that is still open, and asks the SNTP server, if there is one, so
//! that the time is known before the first message.

#[cfg(feature = "security")]
use crate::certificates::{Buffer, Done, Job};
use crate::{
    credentials::Login,
    kernel::{FOREVER, Locked, Semaphore},
    lifecycle,
    mailbox::Mailbox,
    settings::SETTINGS,
    sntp::{SntpClient, SntpTime},
    socket::{self, ConnectError, Opened},
};

/// What this thread and the engine's exchange.
#[derive(Debug)]
pub struct ConnectState {
    /// The engine's thread runs, and takes the result.
    is_running: bool,
    /// The connection that is still open is to be closed, with a close frame, before the next one
    /// is opened.
    pub closes_first: bool,
    /// A connection is to be opened.
    pub is_wanted: bool,
    /// What the station offers on the connection that is to be opened.
    pub subprotocol: Option<&'static str>,
    /// What that one is made with.
    pub login: Login,
    result: Mailbox<Result<Opened, ConnectError>>,
    time: Option<SntpTime>,
    /// What is to be looked at, or made.
    #[cfg(feature = "security")]
    pub job: Mailbox<Job>,
    #[cfg(feature = "security")]
    done: Mailbox<Done>,
    /// What a connection was to be made with and, if it was, the number of the key that the chain is of.
    #[cfg(feature = "security")]
    used: Mailbox<(&'static mut Buffer, Option<usize>)>,
}

/// Shared by the two.
pub static CONNECT_STATE: Locked<ConnectState> = Locked::new(ConnectState::new());

impl ConnectState {
    /// All zeros, so that the static takes no room in flash.
    pub const fn new() -> Self {
        Self {
            is_running: false,
            closes_first: false,
            is_wanted: false,
            subprotocol: None,
            login: Login::new(),
            result: Mailbox::Empty,
            time: None,
            #[cfg(feature = "security")]
            job: Mailbox::Empty,
            #[cfg(feature = "security")]
            done: Mailbox::Empty,
            #[cfg(feature = "security")]
            used: Mailbox::Empty,
        }
    }

    /// The charge point is being started.
    pub fn begin(&mut self) {
        self.is_running = true;
        self.is_wanted = false;
        #[cfg(feature = "security")]
        {
            self.job = Mailbox::Empty;
            self.done = Mailbox::Empty;
            self.used = Mailbox::Empty;
            self.login.installed = Mailbox::Empty;
        }
    }

    /// The result of opening a connection, and the time from an SNTP server, each when it is new.
    pub fn take(&mut self) -> (Option<Result<Opened, ConnectError>>, Option<SntpTime>) {
        (self.result.take(), self.time.take())
    }

    /// A job that was done, and what a connection was made with, each when it is new.
    #[cfg(feature = "security")]
    pub fn take_certificates(
        &mut self,
    ) -> (Option<Done>, Option<(&'static mut Buffer, Option<usize>)>) {
        (self.done.take(), self.used.take())
    }

    /// The charge point is shut down: the engine's thread takes no result after this. If there is a
    /// connection, it has to close it.
    pub fn end(&mut self) -> Option<Opened> {
        self.is_running = false;
        self.result.take()?.ok()
    }
}

/// Entry of the thread.
pub extern "C" fn run(_: u32) {
    let mut sntp = SntpClient::new();
    let mut login = Login::new();
    loop {
        Semaphore::Connect.take(FOREVER);
        if lifecycle::is_stopping() {
            return;
        }
        #[cfg(feature = "security")]
        if let Some(job) = CONNECT_STATE.with(|state| state.job.take()) {
            let done = job.run();
            CONNECT_STATE.with(|state| state.done.put(done));
            socket::wake();
        }
        if CONNECT_STATE.with(|state| core::mem::take(&mut state.is_wanted)) {
            connect(&mut sntp, &mut login);
            socket::wake();
        }
    }
}

fn connect(sntp: &mut SntpClient, login: &mut Login) {
    if CONNECT_STATE.with(|state| core::mem::take(&mut state.closes_first)) {
        socket::close(false);
    }
    let subprotocol = CONNECT_STATE.with(|state| {
        core::mem::swap(login, &mut state.login);
        state.subprotocol
    });
    if let Some(time) = sntp.query_when_due() {
        login.unix_s = Some(time.now() / 1000);
        CONNECT_STATE.with(|state| state.time = Some(time));
    }
    #[cfg(feature = "security")]
    login.hand_over();
    // SAFETY: this thread opens connections, and is asked to when there is none.
    let result = unsafe { socket::open(SETTINGS.get(), login, subprotocol.unwrap_or("")) };
    let is_open = result.is_ok();
    #[cfg(feature = "security")]
    let used = login.take_back();
    #[cfg(feature = "security")]
    let used = used.map(|(buffer, key)| (buffer, key.filter(|_| is_open)));
    let is_running = CONNECT_STATE.with(|state| {
        #[cfg(feature = "security")]
        if let Some(used) = used {
            state.used.put(used);
        }
        if state.is_running {
            state.result.put(result);
        }
        state.is_running
    });
    if !is_running && is_open {
        // The engine's thread has ended and does not close it.
        socket::close(false);
    }
}
