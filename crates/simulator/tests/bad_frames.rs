//! Frames that a server must not send: the connection fails with 1002 (RFC 6455, 5.1 and 5.4).

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

use tungstenite::handshake::derive_accept_key;

use crate::charge_point::{ChargePoint, SOON};

const CLOSE: u8 = 8;
const PROTOCOL_ERROR: u16 = 1002;

/// Ends the handshake of one client.
fn accept(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    let mut stream = BufReader::new(stream);
    let mut key = String::new();
    let mut line = String::new();
    while stream.read_line(&mut line).unwrap() > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("Sec-WebSocket-Key")
        {
            key = value.trim().to_owned();
        }
        line.clear();
    }
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
    );
    stream.get_mut().write_all(answer.as_bytes()).unwrap();
    stream
}

/// Opcode and payload of the client's next frame, which is masked.
fn frame(stream: &mut impl Read) -> (u8, Vec<u8>) {
    let mut read = |length: usize| {
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let head = read(2);
    let length = match head[1] & 0x7f {
        126 => usize::from(u16::from_be_bytes(read(2).try_into().unwrap())),
        length => usize::from(length),
    };
    let mask = read(4);
    let payload = read(length);
    let payload = payload.iter().zip(mask.iter().cycle());
    (
        head[0] & 0x0f,
        payload.map(|(byte, mask)| byte ^ mask).collect(),
    )
}

#[test]
fn a_frame_that_a_server_must_not_send_ends_the_connection() {
    for (what, bytes) in [
        (
            "a masked frame",
            &[0x81, 0x82, 1, 2, 3, 4, b'[' ^ 1, b']' ^ 2][..],
        ),
        ("a fragment without a beginning", &[0x80, 0x02, b'[', b']']),
        (
            "a beginning within a message",
            &[0x01, 0x01, b'[', 0x81, 0x01, b']'],
        ),
        ("a fragmented ping", &[0x09, 0x00]),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/ocpp", listener.local_addr().unwrap());
        let mut charge_point = ChargePoint::start_at(&url, &[]);
        let mut stream = accept(&listener);
        stream.get_mut().write_all(bytes).unwrap();
        let status = loop {
            // Before it comes its BootNotification.
            if let (CLOSE, payload) = frame(&mut stream) {
                break payload;
            }
        };
        assert_eq!(status[..2], PROTOCOL_ERROR.to_be_bytes(), "{what}");
        drop(stream);
        charge_point.wait("disconnected", |_| true);
    }
}
