//! The central system as its user sees it; what it says by itself is in `command.rs`.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::behaviour::Behaviour;
use crate::books::{Books, Station};
use crate::event::Event;
use crate::identity;
use crate::ledger::Ledger;
use crate::listener::Listener;
use crate::shared::{Shared, State};

/// A running central system. Dropping it ends it: it no longer listens, and the
/// connections are cut and the thread joined.
pub struct CentralSystem {
    pub(crate) shared: Arc<Shared>,
    address: SocketAddr,
    /// `None` while paused.
    listener: Mutex<Option<Listener>>,
}

impl CentralSystem {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// What the system says when no port or no thread can be had.
    pub fn start(behaviour: Behaviour) -> io::Result<Self> {
        Self::start_on(0, behaviour)
    }

    /// Starts on this port of 127.0.0.1, for example the one of a central system that was
    /// dropped: a restart that lost its books.
    ///
    /// # Errors
    /// As [`CentralSystem::start`]; `AddrInUse` if the port is in use.
    pub fn start_on(port: u16, behaviour: Behaviour) -> io::Result<Self> {
        Self::listen((Ipv4Addr::LOCALHOST, port).into(), behaviour)
    }

    /// Starts on this address, which others than this machine may reach.
    ///
    /// # Errors
    /// As [`CentralSystem::start_on`].
    pub fn listen(address: SocketAddr, behaviour: Behaviour) -> io::Result<Self> {
        Self::begin(address, Shared::new(behaviour))
    }

    /// Starts on this address with books that were kept in a file, and keeps them there:
    /// transactions, and which messages were answered. A CALL is in the file before it is answered,
    /// so that what a charge point takes for delivered outlives this process.
    ///
    /// # Errors
    /// As [`CentralSystem::start_on`], and when the file cannot be read or written.
    pub fn listen_with_books(
        address: SocketAddr,
        behaviour: Behaviour,
        books: &Path,
    ) -> io::Result<Self> {
        let mut state = State::new(behaviour);
        state.ledger = Some(Ledger::open(books, &mut state)?);
        Self::begin(address, Shared::with(state))
    }

    fn begin(address: SocketAddr, shared: Shared) -> io::Result<Self> {
        let shared = Arc::new(shared);
        let listener = Listener::start(address, &shared)?;
        Ok(CentralSystem {
            shared,
            address: listener.address(),
            listener: Mutex::new(Some(listener)),
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The URL for charge points, which append `/<percent-encoded identity>`.
    pub fn url(&self) -> String {
        format!("ws://{}{}", self.address, identity::PATH)
    }

    /// Stops listening and cuts all connections, but keeps the books: an outage. Waits for
    /// the thread, so for a hook that is at work, too.
    pub fn pause(&self) {
        // Taken out first: while the thread ends, a hook may ask for this lock.
        let listener = self.lock().take();
        if let Some(listener) = listener {
            listener.stop(&self.shared);
        }
    }

    /// Listens again on the same port after [`CentralSystem::pause`].
    ///
    /// # Errors
    /// As [`CentralSystem::start_on`]. It stays paused then.
    pub fn resume(&self) -> io::Result<()> {
        let mut listener = self.lock();
        if listener.is_none() {
            *listener = Some(Listener::start(self.address, &self.shared)?);
        }
        Ok(())
    }

    /// Replaces the behaviour, for what comes from now on.
    pub fn adjust(&self, change: impl FnOnce(Behaviour) -> Behaviour) {
        self.shared.change(|state| {
            state.behaviour = change(state.behaviour.clone());
        });
    }

    /// A copy of the books as they are now.
    pub fn books(&self) -> Books {
        self.shared.read(|state| state.books.clone())
    }

    /// A copy of what is known about one charge point; empty if it never connected.
    pub fn station(&self, identity: &str) -> Station {
        self.shared
            .read(|state| state.books.station(identity).cloned().unwrap_or_default())
    }

    /// Waits until the books satisfy a condition. False if they do not within `timeout`.
    ///
    /// The condition is tried after every change. It must not use the central system, which
    /// is locked meanwhile. When it becomes true because of a CALL, the answer to that CALL
    /// may not have been sent yet.
    pub fn wait_for(&self, timeout: Duration, mut condition: impl FnMut(&Books) -> bool) -> bool {
        let deadline = Instant::now().checked_add(timeout);
        self.shared
            .wait(deadline, |state| condition(&state.books).then_some(()))
            .is_some()
    }

    /// Waits until a charge point is connected. False if it is not within `timeout`.
    pub fn wait_online(&self, identity: &str, timeout: Duration) -> bool {
        self.wait_for(timeout, |books| books.is_online(identity))
    }

    /// Everything that happens from now on, while it happens. The receiver ends when the
    /// central system does.
    pub fn observe(&self) -> Receiver<Event> {
        let (observer, events) = mpsc::channel();
        self.shared.change(|state| state.observers.push(observer));
        events
    }

    /// Has the loop look again at connections that were frozen.
    pub(crate) fn wake(&self) {
        if let Some(listener) = &*self.lock() {
            listener.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Listener>> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CentralSystem {
    fn drop(&mut self) {
        self.pause();
    }
}

impl fmt::Debug for CentralSystem {
    // Without the books, which are long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CentralSystem")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
