//! Central systems that hang, or lead away: the connection is dropped, and the transaction goes on.

use std::{
    io::{ErrorKind, Write},
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use super::{
    PATIENCE,
    line::Line,
    victim::{Cost, Victim},
};
use crate::peer::{SWITCHING, frame};

fn after(time: Duration) -> String {
    format!("dropped after {:.1} s", time.as_secs_f64())
}

/// What it has metered meanwhile is told to the central system that is there again.
fn judge(victim: Victim, what: &'static str, done: String) -> Cost {
    let back = victim.comes_back();
    let cost = victim.judge_dropped(what, done);
    drop(back);
    cost
}

/// The connection is there for the charge point's operating system, and there is no one at its other end.
pub fn half_open(settings: &[(&str, u32)], reason: &str) -> Cost {
    let (victim, line) = Victim::start(settings);
    line.stop_reading();
    let dropped = victim.problem(reason, 2 * PATIENCE);
    judge(victim, "half-open TCP", after(dropped))
}

/// A frame that has begun and does not end.
pub fn a_byte_a_second(settings: &[(&str, u32)], reason: &str) -> Cost {
    let (victim, mut line) = Victim::start(settings);
    let (bytes, mut next) = (frame(0x81, &[b'['; 1000]), Instant::now());
    let mut bytes = bytes.into_iter();
    let drip = || match next <= Instant::now() {
        true => {
            next += Duration::from_secs(1);
            bytes.next().into_iter().collect()
        }
        false => Vec::new(),
    };
    // No answer goes out in the middle of a frame.
    line.stop_answering();
    let until = Instant::now() + 2 * PATIENCE;
    assert!(!line.pump(until, drip, |_| false), "kept");
    let dropped = victim.problem(reason, PATIENCE);
    drop(line);
    judge(victim, "a byte a second", after(dropped))
}

/// Nothing is read while there is much to be answered, and the window closes.
pub fn window_of_zero() -> Cost {
    let (victim, mut line) = Victim::start(&[]);
    line.stop_reading();
    let call = frame(0x81, br#"[2,"flood","GetConfiguration",{}]"#);
    let mut sent = 0;
    let flood = || {
        sent += 100;
        call.repeat(100)
    };
    line.pump(Instant::now() + 3 * PATIENCE, flood, |_| false);
    let dropped = victim.problem("does not read what it is sent", PATIENCE);
    drop(line);
    let done = format!("{sent} CALLs sent, {}", after(dropped));
    judge(victim, "a window of zero", done)
}

/// Its connection is cut: one that has a transaction and looks for a central system.
fn cut_off() -> Victim {
    let (victim, line) = Victim::start(&[]);
    cut(line);
    victim
}

fn cut(line: Line) {
    let _ = line.stream.shutdown(std::net::Shutdown::Both);
}

pub fn silent_handshake() -> Cost {
    let victim = cut_off();
    let (stream, _) = victim.door.request();
    let dropped = victim.problem("no answer to the handshake", PATIENCE);
    drop(stream);
    judge(victim, "a handshake that is not answered", after(dropped))
}

pub fn dripping_handshake() -> Cost {
    let victim = cut_off();
    let (mut stream, _) = victim.door.request();
    thread::spawn(move || {
        for byte in SWITCHING.bytes().cycle() {
            if stream.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    let dropped = victim.problem("no answer to the handshake", PATIENCE);
    judge(victim, "a handshake that never ends", after(dropped))
}

/// Each attempt is sent to another server, which never sees it.
pub fn redirects(count: u32) -> Cost {
    let victim = cut_off();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let location = format!("http://{}/ocpp", elsewhere.local_addr().unwrap());
    for _ in 0..count {
        let (mut stream, _) = victim.door.request();
        let answer =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).unwrap();
        victim.problem("refused with HTTP status 302", PATIENCE);
    }
    let followed = elsewhere.accept().map(|_| ());
    assert_eq!(followed.unwrap_err().kind(), ErrorKind::WouldBlock);
    judge(
        victim,
        "redirects",
        format!("{count} answered, none followed"),
    )
}
