//! The websocket to the central system.
//!
//! Connecting and reading block, so a thread does them; writing blocks too when the peer does
//! not read, so another does that. The charge point itself never waits for the network.

mod opening;
mod reading;
mod socket;
mod writing;

use std::{
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, SyncSender},
    },
    thread,
    time::Duration,
};

use tungstenite::protocol::frame::coding::CloseCode;

use crate::{address::Address, inbox::Message};
use socket::Socket;
use writing::Order;

/// How long a peer may take for its part of the close handshake.
pub const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// What the threads of a connection tell.
#[derive(Debug)]
pub enum News {
    /// It is open.
    Opened(Connection),
    /// It could not be opened; why, in one line.
    Failed(String),
    /// A text message arrived.
    Text(String),
    /// The peer did something it must not; the connection is being closed.
    Offence(String),
    /// It is closed; why, in one line.
    Closed(String),
}

/// Opens a websocket. All news of it carry `number`.
pub fn open(
    address: Address,
    number: u64,
    ping_interval: Duration,
    inbox: SyncSender<Message>,
) -> Result<(), String> {
    let tell = move |news| inbox.send(Message::Link { number, news }).is_ok();
    thread::Builder::new()
        .name("link".to_owned())
        .spawn(move || match opening::open(&address) {
            Err(problem) => {
                tell(News::Failed(problem));
            }
            Ok(websocket) => live(websocket, ping_interval, &tell),
        })
        .map(|_| ())
        .map_err(|error| format!("no thread for the connection: {error}"))
}

/// The life of an open connection.
fn live(mut websocket: opening::Reader, ping_interval: Duration, tell: &dyn Fn(News) -> bool) {
    let socket = websocket.get_ref().socket();
    let (orders, to_write) = mpsc::channel();
    let (gone, is_gone) = mpsc::channel();
    websocket.get_mut().write_through(orders.clone());
    let writer = {
        let socket = Arc::clone(&socket);
        thread::Builder::new()
            .name("link writer".to_owned())
            .spawn(move || writing::write(&socket, &to_write, ping_interval))
    };
    if let Err(error) = writer {
        tell(News::Failed(format!(
            "no thread for the connection: {error}"
        )));
        return;
    }
    let connection = Connection {
        socket: Arc::clone(&socket),
        orders: orders.clone(),
        is_gone,
    };
    if tell(News::Opened(connection)) {
        let end = reading::read(&mut websocket, &orders, tell);
        let end = socket.why_cut().unwrap_or(end);
        socket.cut(&end);
        drop(gone);
        tell(News::Closed(end));
    }
}

/// An open websocket. Dropping it cuts the connection without a close handshake.
#[derive(Debug)]
pub struct Connection {
    socket: Arc<Socket>,
    orders: Sender<Order>,
    /// Ends when the reading thread has.
    is_gone: Receiver<()>,
}

impl Connection {
    /// Sends a text message.
    pub fn send(&self, text: String) {
        self.order(Order::Text(text));
    }

    /// Changes the time between pings; zero for none.
    pub fn ping_every(&self, interval: Duration) {
        self.order(Order::PingEvery(interval));
    }

    /// Closes with a close handshake, for which the peer gets a moment.
    pub fn close(self) {
        self.order(Order::Close(CloseCode::Normal, ""));
        // Nothing is ever sent: this waits for the end of the sender.
        let _ = self.is_gone.recv_timeout(CLOSE_PATIENCE);
    }

    fn order(&self, order: Order) {
        // Without a writer the connection is gone, and News::Closed is on its way.
        let _ = self.orders.send(order);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.socket.cut("closed here");
    }
}
