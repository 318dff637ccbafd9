//! The websocket to the central system.
//!
//! Connecting and reading block, so a thread does them; writing blocks too when the peer does
//! not read, so another does that. The charge point itself never waits for the network.

mod budget;
mod frames;
mod handshake;
mod opening;
mod outbox;
mod reading;
mod session;
mod socket;
mod writing;

use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};

use tungstenite::protocol::frame::coding::CloseCode;

use crate::{inbox::Message, tls::Refusal};
use budget::Share;
use frames::Frames;
pub use frames::RECEIVE_BUFFER;
pub use opening::Target;
use outbox::Outbox;
use socket::{Incoming, Socket};

/// How long a peer may take for its part of the close handshake.
pub const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// What the threads of a connection tell.
#[derive(Debug)]
pub enum News {
    /// It is open.
    Opened(Connection),
    /// It could not be opened.
    Failed(Refusal),
    /// A text message arrived.
    Text {
        /// All of it, or the beginning of one that is too long for the station.
        text: String,
        /// How long it was in that case.
        bytes: Option<u64>,
        /// When its last byte was there.
        at: Instant,
        /// Of what may wait to be dealt with; given back by dropping it.
        share: Share,
    },
    /// The peer did something it must not; the connection is being closed.
    Offence(String),
    /// It is closed; why, in one line.
    Closed(String),
}

/// Opens a websocket. All news of it carry `number`.
pub fn open(
    target: Target,
    number: u64,
    ping_interval: Duration,
    inbox: SyncSender<Message>,
) -> Result<(), String> {
    let tell = move |news| inbox.send(Message::Link { number, news }).is_ok();
    thread::Builder::new()
        .name("link".to_owned())
        .spawn(move || match opening::open(&target) {
            Err(problem) => {
                tell(News::Failed(problem));
            }
            Ok(input) => live(input, ping_interval, &tell),
        })
        .map(|_| ())
        .map_err(|error| format!("no thread for the connection: {error}"))
}

/// The life of an open connection.
fn live(input: Incoming, ping_interval: Duration, tell: &dyn Fn(News) -> bool) {
    let socket = Arc::clone(input.get_ref().socket());
    let outbox = Arc::new(Outbox::default());
    let (gone, is_gone) = mpsc::channel();
    let writer = {
        let (socket, outbox) = (Arc::clone(&socket), Arc::clone(&outbox));
        thread::Builder::new()
            .name("link writer".to_owned())
            .spawn(move || {
                writing::write(&socket, &outbox, ping_interval);
                outbox.end();
            })
    };
    if let Err(error) = writer {
        let problem = format!("no thread for the connection: {error}");
        tell(News::Failed(problem.into()));
        return;
    }
    let connection = Connection {
        socket: Arc::clone(&socket),
        outbox: Arc::clone(&outbox),
        is_gone,
    };
    if tell(News::Opened(connection)) {
        let end = reading::read(&mut Frames::new(input), &outbox, tell);
        let end = match socket.why_cut() {
            Some(why) => why,
            None => {
                socket.bid_farewell();
                end
            }
        };
        socket.cut(&end);
        outbox.end();
        drop(gone);
        tell(News::Closed(end));
    }
}

/// An open websocket. Dropping it cuts the connection without a close handshake.
#[derive(Debug)]
pub struct Connection {
    socket: Arc<Socket>,
    outbox: Arc<Outbox>,
    /// Ends when the reading thread has.
    is_gone: Receiver<()>,
}

impl Connection {
    /// Sends a text message, not before it is due and behind those before it.
    pub fn send(&self, text: String, due: Instant) {
        if !self.outbox.send(text, due) {
            self.socket
                .cut("the connection was lost: the central system does not read what it is sent");
        }
    }

    /// Changes the time between pings; zero for none.
    pub fn ping_every(&self, interval: Duration) {
        self.outbox.ping_every(interval);
    }

    /// Closes with a close handshake behind all that was sent, the last of which is due in
    /// `latency` at most. The peer gets a moment for it.
    pub fn close(self, latency: Duration) {
        self.outbox.close(Some(CloseCode::Normal), "");
        // Nothing is ever sent: this waits for the end of the sender.
        let _ = self.is_gone.recv_timeout(latency + CLOSE_PATIENCE);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.socket.cut("closed here");
        self.outbox.end();
    }
}
