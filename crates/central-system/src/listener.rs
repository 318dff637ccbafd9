//! The thread of a central system: it accepts, reads and answers on all connections.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};

use crate::connection::{Connection, Next};
use crate::shared::Shared;

/// How long the thread rests when it cannot accept, for example for lack of file descriptors.
const REST: Duration = Duration::from_millis(20);
/// How long a peer may take for the handshake at the beginning, and for the one at the end.
/// It waits in a crowd where thousands come back at once.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connections that wait to be accepted: of the 128 of the standard library there is no room for a fleet
/// that comes back at once.
const QUEUE: i32 = 4096;

const LISTENER: Token = Token(usize::MAX - 1);
const WAKER: Token = Token(usize::MAX - 2);

/// A running listener. It has to be stopped with [`Listener::stop`].
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    waker: Waker,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Listens; port 0 is any free one.
    pub fn start(address: SocketAddr, shared: &Arc<Shared>) -> io::Result<Self> {
        let mut listener = TcpListener::bind(address)?;
        rustix::net::listen(&listener, QUEUE)?;
        let address = listener.local_addr()?;
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let server = Server {
            poll,
            listener,
            stopping: Arc::clone(&stopping),
            shared: Arc::clone(shared),
            connections: Vec::new(),
            free: Vec::new(),
            impatient: VecDeque::new(),
            later: BTreeSet::new(),
            again: Vec::new(),
            frozen: Vec::new(),
            accepts_again: false,
        };
        let thread = thread::Builder::new()
            .name("central-system".into())
            .spawn(move || server.run())?;
        Ok(Listener {
            address,
            stopping,
            waker,
            thread,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has the thread look again at connections that were frozen.
    pub fn wake(&self) {
        // It fails when the thread is over, and then there is nothing to look at.
        let _ = self.waker.wake();
    }

    /// Stops listening, ends all connections and waits for the thread.
    pub fn stop(self, shared: &Shared) {
        self.stopping.store(true, Ordering::SeqCst);
        self.wake();
        shared.change(|state| {
            let identities: Vec<_> = state.links.keys().cloned().collect();
            for identity in identities {
                // It has a link: the key was just read.
                let _ = state.unlink(&identity);
            }
        });
        // A hook may own the central system: then this is the thread itself, and ends later.
        if self.thread.thread().id() != thread::current().id() {
            // It has no result, and a panic in it has been told.
            let _ = self.thread.join();
        }
    }
}

struct Server {
    poll: Poll,
    listener: TcpListener,
    stopping: Arc<AtomicBool>,
    shared: Arc<Shared>,
    /// By their tokens.
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    /// Those in a handshake, the first to be given up first.
    impatient: VecDeque<(Instant, usize, u64)>,
    /// Those with answers that are not due yet.
    later: BTreeSet<usize>,
    /// Those that have more to be read.
    again: Vec<usize>,
    /// Those that play dead.
    frozen: Vec<usize>,
    /// Something may wait to be accepted.
    accepts_again: bool,
}

impl Server {
    fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, self.patience()) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return,
                _ => {}
            }
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            if self.accepts_again {
                self.accept();
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(),
                    WAKER => {
                        for token in std::mem::take(&mut self.frozen) {
                            self.serve(token);
                        }
                    }
                    Token(token) => {
                        if event.is_writable() {
                            self.drain(token);
                        }
                        self.serve(token);
                    }
                }
            }
            for token in std::mem::take(&mut self.again) {
                self.serve(token);
            }
            self.answer_late();
            self.lose_patience();
        }
    }

    fn patience(&self) -> Option<Duration> {
        if !self.again.is_empty() {
            return Some(Duration::ZERO);
        }
        let later = self
            .later
            .iter()
            .filter_map(|token| self.connection(*token)?.next_answer());
        let impatient = self
            .impatient
            .front()
            .map(|(at, ..)| at.saturating_duration_since(Instant::now()));
        let accept = self.accepts_again.then_some(REST);
        later.chain(impatient).chain(accept).min()
    }

    fn connection(&self, token: usize) -> Option<&Connection> {
        self.connections.get(token)?.as_ref()
    }

    fn accept(&mut self) {
        self.accepts_again = false;
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => {
                    self.accepts_again = true;
                    return;
                }
            };
            // An option that cannot be set leaves a connection that works, only less well.
            let _ = stream.set_nodelay(true);
            let token = self.free.pop().unwrap_or_else(|| {
                self.connections.push(None);
                self.connections.len() - 1
            });
            let interest = Interest::READABLE | Interest::WRITABLE;
            let registered = self
                .poll
                .registry()
                .register(&mut stream, Token(token), interest);
            let number = self.shared.change(|state| state.next_number());
            // Where it cannot be watched it is dropped, and the charge point tries again.
            let connection = registered
                .ok()
                .map(|()| Connection::new(stream, number, &self.shared));
            match (connection, self.connections.get_mut(token)) {
                (Some(connection), Some(place)) => {
                    *place = Some(connection);
                    self.grow_impatient(token, number);
                    self.serve(token);
                }
                _ => self.free.push(token),
            }
        }
    }

    fn grow_impatient(&mut self, token: usize, number: u64) {
        self.impatient
            .push_back((Instant::now() + PATIENCE, token, number));
    }

    fn drain(&mut self, token: usize) {
        if let Some(connection) = self.connection(token) {
            connection.drain();
        }
    }

    fn serve(&mut self, token: usize) {
        let Some(connection) = self.connections.get_mut(token).and_then(Option::as_mut) else {
            return;
        };
        let shared = &self.shared;
        // A hook that panics costs its connection, and no other one.
        let served = catch_unwind(AssertUnwindSafe(|| connection.serve(shared)));
        let number = connection.number();
        let has_late_answers = connection.next_answer().is_some();
        match served {
            Ok(Next::Wait) => {}
            Ok(Next::Again) => self.again.push(token),
            Ok(Next::Frozen) => self.frozen.push(token),
            Ok(Next::Ending) => self.grow_impatient(token, number),
            Ok(Next::Over) | Err(_) => return self.end(token),
        }
        if has_late_answers {
            self.later.insert(token);
        }
    }

    fn end(&mut self, token: usize) {
        self.later.remove(&token);
        let connection = self.connections.get_mut(token).and_then(Option::take);
        if connection.is_some() {
            self.free.push(token);
        }
    }

    fn answer_late(&mut self) {
        for token in std::mem::take(&mut self.later) {
            let shared = &self.shared;
            let connection = self.connections.get_mut(token).and_then(Option::as_mut);
            let next = connection.and_then(|connection| {
                connection.answer_late(shared);
                connection.next_answer()
            });
            if next.is_some() {
                self.later.insert(token);
            }
        }
    }

    fn lose_patience(&mut self) {
        let now = Instant::now();
        while let Some((at, token, number)) = self.impatient.front().copied() {
            let connection = self.connection(token).filter(|it| it.number() == number);
            let is_waiting = connection.is_some_and(Connection::is_in_handshake);
            if at > now && is_waiting {
                return;
            }
            self.impatient.pop_front();
            if is_waiting {
                self.end(token);
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for token in 0..self.connections.len() {
            self.end(token);
        }
    }
}
