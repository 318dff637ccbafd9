//! The least a charge point can be: a websocket client that says what a test tells it.
#![allow(dead_code, reason = "each test file uses another part of it")]

use std::net::TcpStream;
use std::time::Duration;

use central_system::CentralSystem;
use central_system::tungstenite::client::IntoClientRequest;
use central_system::tungstenite::handshake::HandshakeError;
use central_system::tungstenite::http::HeaderValue;
use central_system::tungstenite::{self, Error, Message, WebSocket};
use serde_json::{Value, json};

/// Longer than anything should take on a busy machine.
pub const SOON: Duration = Duration::from_secs(10);
/// Long enough to believe that nothing comes.
pub const A_WHILE: Duration = Duration::from_millis(150);

pub struct ChargePoint {
    pub socket: WebSocket<TcpStream>,
    next_id: u32,
}

impl ChargePoint {
    /// Connects with the subprotocol and waits until the central system knows it.
    pub fn connect(central: &CentralSystem, identity: &str) -> Self {
        let before = central.station(identity).connections;
        let headers = [("Sec-WebSocket-Protocol", "ocpp1.6")];
        let charge_point = Self::connect_with(central, identity, &headers).unwrap();
        assert!(central.wait_for(SOON, |books| {
            let station = books.station(identity);
            station.is_some_and(|s| s.online && s.connections > before)
        }));
        charge_point
    }

    pub fn connect_with(
        central: &CentralSystem,
        segment: &str,
        headers: &[(&'static str, &str)],
    ) -> tungstenite::Result<Self> {
        let url = format!("{}/{segment}", central.url());
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let stream = TcpStream::connect(("127.0.0.1", central.port()))?;
        stream.set_read_timeout(Some(SOON))?;
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(ChargePoint { socket, next_id: 0 }),
            Err(HandshakeError::Failure(error)) => Err(error),
            Err(HandshakeError::Interrupted(_)) => panic!("no answer to the handshake"),
        }
    }

    pub fn send(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).unwrap();
    }

    /// The next text frame.
    pub fn receive(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Sends a CALL and returns the next frame.
    pub fn call(&mut self, action: &str, payload: Value) -> Value {
        self.next_id += 1;
        let id = self.next_id.to_string();
        self.send(&json!([2, id, action, payload]));
        self.receive()
    }

    /// Sends a CALL and returns the payload of its CALLRESULT.
    pub fn ask(&mut self, action: &str, payload: Value) -> Value {
        let answer = self.call(action, payload);
        assert_eq!(answer[0], 3, "{answer}");
        assert_eq!(answer[1], self.next_id.to_string());
        answer[2].clone()
    }

    pub fn boot(&mut self) -> Value {
        let payload = json!({"chargePointVendor": "V", "chargePointModel": "M"});
        self.ask("BootNotification", payload)
    }

    /// Whether nothing comes for a while.
    pub fn hears_nothing(&mut self) -> bool {
        let stream = self.socket.get_ref().try_clone().unwrap();
        stream.set_read_timeout(Some(A_WHILE)).unwrap();
        let silent = matches!(self.socket.read(), Err(Error::Io(e))
            if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
        stream.set_read_timeout(Some(SOON)).unwrap();
        silent
    }

    /// Whether the connection ends, and with a close handshake.
    pub fn ends_with_close(&mut self) -> bool {
        let mut closed = false;
        loop {
            match self.socket.read() {
                Ok(Message::Close(_)) => closed = true,
                Ok(_) => {}
                Err(Error::Io(e)) if e.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("the connection does not end")
                }
                Err(_) => return closed,
            }
        }
    }
}

pub fn start(id_tag: &str, meter_start: i64) -> Value {
    json!({"connectorId": 1, "idTag": id_tag, "meterStart": meter_start,
           "timestamp": "2024-05-01T10:00:00Z"})
}

pub fn stop(transaction_id: i64, meter_stop: i64) -> Value {
    json!({"transactionId": transaction_id, "meterStop": meter_stop, "reason": "Remote",
           "timestamp": "2024-05-01T11:00:00Z"})
}
