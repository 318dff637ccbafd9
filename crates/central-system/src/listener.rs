//! The listening socket, its thread, and the threads of the connections it accepted.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::connection;
use crate::shared::Shared;

/// How long the thread rests when it cannot accept, for example for lack of file descriptors.
const REST: Duration = Duration::from_millis(20);

/// A running listener. It has to be stopped with [`Listener::stop`].
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Served>>,
}

/// A connection that was accepted. `socket` is weak so that its end frees the descriptor.
#[derive(Debug)]
struct Served {
    socket: Weak<TcpStream>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Listens on a port of 127.0.0.1; 0 is any free one.
    pub fn start(port: u16, shared: &Arc<Shared>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let thread = {
            let (stopping, shared) = (Arc::clone(&stopping), Arc::clone(shared));
            thread::Builder::new()
                .name("central-system".into())
                .spawn(move || accept(&listener, &stopping, &shared))?
        };
        Ok(Listener {
            address,
            stopping,
            thread,
        })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Stops listening, ends all connections and waits for their threads.
    pub fn stop(self, shared: &Shared) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread out of accept(). If it fails, others are in the queue and wake it.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        let all_served = join(self.thread).unwrap_or_default();
        for served in &all_served {
            if let Some(socket) = served.socket.upgrade() {
                // It fails when the connection is over already.
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
        shared.change(|state| {
            let identities: Vec<_> = state.links.keys().cloned().collect();
            for identity in identities {
                // It has a link: the key was just read.
                let _ = state.unlink(&identity);
            }
        });
        for served in all_served {
            join(served.thread);
        }
    }
}

fn accept(listener: &TcpListener, stopping: &AtomicBool, shared: &Arc<Shared>) -> Vec<Served> {
    let mut all_served: Vec<Served> = Vec::new();
    loop {
        let accepted = listener.accept();
        if stopping.load(Ordering::SeqCst) {
            return all_served;
        }
        all_served.retain(|served| !served.thread.is_finished());
        let Ok((stream, _)) = accepted else {
            thread::sleep(REST);
            continue;
        };
        let stream = Arc::new(stream);
        let socket = Arc::downgrade(&stream);
        let shared = Arc::clone(shared);
        let thread = thread::Builder::new()
            .name("charge-point-link".into())
            .spawn(move || connection::serve(stream, &shared));
        // Without a thread the connection is dropped, and the charge point tries again.
        if let Ok(thread) = thread {
            all_served.push(Served { socket, thread });
        }
    }
}

/// `None` if the thread panicked, or is the one that asks: a hook may own the central system.
fn join<T>(thread: JoinHandle<T>) -> Option<T> {
    if thread.thread().id() == thread::current().id() {
        return None;
    }
    thread.join().ok()
}
