//! A small SNTP server (RFC 4330) that tells this machine's time.

use std::{
    io,
    net::{Ipv4Addr, UdpSocket},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const PACKET: usize = 48;
/// From 1900, where NTP counts from, to 1970.
const EPOCH: u64 = 2_208_988_800;

/// Answers on a port of 127.0.0.1, which it returns, until this program ends.
pub fn serve() -> io::Result<u16> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = socket.local_addr()?.port();
    thread::spawn(move || {
        let mut request = [0; PACKET];
        // An error is of one datagram: a client that has gone.
        loop {
            if let Ok((PACKET, client)) = socket.recv_from(&mut request) {
                let _ = socket.send_to(&answer(&request, timestamp()), client);
            }
        }
    });
    Ok(port)
}

/// Seconds since 1900 and their fraction, 32 bits each.
fn timestamp() -> [u8; 8] {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let seconds = since_1970.as_secs().wrapping_add(EPOCH) << 32;
    let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
    (seconds | fraction).to_be_bytes()
}

fn answer(request: &[u8; PACKET], now: [u8; 8]) -> [u8; PACKET] {
    let mut answer = [0; PACKET];
    // No leap second, the client's version, mode 4: server.
    answer[0] = request[0] & 0x38 | 4;
    // Stratum 1: a clock of its own, whatever that one goes by.
    answer[1] = 1;
    answer[2] = request[2];
    // Precise to 2^-20 s.
    answer[3] = 0xec;
    answer[12..16].copy_from_slice(b"LOCL");
    answer[16..24].copy_from_slice(&now);
    // The time the client sent its request at comes back; that is how it knows its answer.
    answer[24..32].copy_from_slice(&request[40..48]);
    answer[32..40].copy_from_slice(&now);
    answer[40..48].copy_from_slice(&now);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_carries_the_time_and_what_the_client_sent() {
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let limit = Some(Duration::from_secs(5));
        client.set_read_timeout(limit).unwrap();
        let port = serve().unwrap();
        let mut request = [0; PACKET];
        request[0] = 0x1b;
        request[40..48].copy_from_slice(b"whatever");
        client
            .send_to(&request, (Ipv4Addr::LOCALHOST, port))
            .unwrap();
        let mut answer = [0; PACKET];
        assert_eq!(client.recv(&mut answer).unwrap(), PACKET);
        assert_eq!(answer[0], 0x1c);
        assert_eq!(&answer[24..32], b"whatever");
        let told = u32::from_be_bytes(answer[40..44].try_into().unwrap());
        let now = u32::from_be_bytes(timestamp()[..4].try_into().unwrap());
        assert!(now.wrapping_sub(told) <= 5);
    }
}
