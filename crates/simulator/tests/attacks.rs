//! Floods that no central system should send, and what they cost: memory that does not grow.
//! Small here; `cargo xtask attack` runs them as long as they were when they cost gigabytes, and
//! `cargo xtask flood` those of `flood` beside a transaction.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    charge_point::binary,
    memory::{peak_kb, try_peak_kb},
    peer::{Door, Peer, frame},
    test_command::bench::Folder,
};

/// The most memory of its own that the process may ever have, in kB.
pub const MOST_KB: u64 = 8 * 1024;
/// The same with a panel, which keeps what has happened, and some that listen to it.
const MOST_KB_WITH_PANEL: u64 = 16 * 1024;

struct Attacked {
    child: Child,
    what: &'static str,
}

impl Attacked {
    /// A charge point that is accepted; its output is read, or not.
    fn start(what: &'static str, options: &[&str], is_read: bool) -> (Self, Peer) {
        let door = Door::open();
        let mut child = binary()
            .args(["--csms", &door.url(), "--id", "CP1", "--latency", "0"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        if is_read {
            let mut output = child.stdout.take().unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while output.read(&mut buffer).is_ok_and(|read| read > 0) {}
            });
        }
        let mut peer = door.accept();
        // A flooded simulator takes its time, on a busy machine above all.
        let patience = Some(Duration::from_secs(60));
        peer.stream.set_read_timeout(patience).unwrap();
        peer.boot();
        (Self { child, what }, peer)
    }

    fn judge(self, done: &str) {
        self.judge_by(MOST_KB, done);
    }

    fn judge_by(self, most_kb: u64, done: &str) {
        let peak = peak_kb(self.child.id());
        println!("{}: {done}; peak memory {peak} kB", self.what);
        assert!(peak <= most_kb, "{}: {peak} kB", self.what);
    }
}

impl Drop for Attacked {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes the same bytes again and again until then, as fast as they are taken: how often.
fn flood(stream: &mut TcpStream, bytes: &[u8], times: usize, until: Instant) -> usize {
    let batch = bytes.repeat(times);
    stream
        .set_write_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let (mut written, mut left) = (0, &batch[..]);
    while Instant::now() < until {
        match stream.write(left) {
            Ok(0) => break,
            Ok(taken) => {
                written += taken;
                left = &left[taken..];
                if left.is_empty() {
                    left = &batch;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            // Cut.
            Err(_) => break,
        }
    }
    written / bytes.len()
}

fn pings(seconds: u64) {
    let (attacked, mut peer) = Attacked::start("pings whose pongs are not read", &["--json"], true);
    let until = Instant::now() + Duration::from_secs(seconds);
    let sent = flood(&mut peer.stream, &frame(0x89, &[b'x'; 100]), 1000, until);
    assert!(sent > 10_000, "{sent}");
    attacked.judge(&format!("{sent} pings in {seconds} s"));
}

fn slow_reader(seconds: u64) {
    let what = "GetConfiguration, read at 20 kB every 2 s";
    let (attacked, peer) = Attacked::start(what, &["--json"], true);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut stream = peer.stream.try_clone().unwrap();
    let reader = thread::spawn(move || {
        let (mut buffer, mut read) = ([0; 20_000], 0);
        while Instant::now() < until {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(taken) => read += taken,
            }
            thread::sleep(Duration::from_secs(2));
        }
        read
    });
    let call = frame(0x81, br#"[2,"flood","GetConfiguration",{}]"#);
    let sent = flood(&mut peer.stream.try_clone().unwrap(), &call, 1000, until);
    let read = reader.join().unwrap();
    attacked.judge(&format!(
        "{sent} CALLs in {seconds} s, {read} bytes of answers read"
    ));
}

fn long_calls(count: usize, bytes: usize, options: &[&str]) {
    let (attacked, mut peer) = Attacked::start("CALLs of 15.8 MB", options, true);
    let began = Instant::now();
    let data = "[".repeat(bytes);
    for number in 0..count {
        let call = format!(r#"[2,"long-{number}","DataTransfer",{{"vendorId":"V","data":{data}"#);
        let mut stream = peer.stream.try_clone().unwrap();
        let writer = thread::spawn(move || stream.write_all(&frame(0x81, call.as_bytes())));
        let answer = peer.answer(&format!("long-{number}"));
        assert_eq!(answer[0], 4, "{answer}");
        writer.join().unwrap().unwrap();
    }
    let took = began.elapsed();
    peer.send(r#"[2,"after","ClearCache",{}]"#);
    assert_eq!(peer.answer("after")[2]["status"], "Accepted");
    attacked.judge(&format!("{count} answered in {:.1} s", took.as_secs_f64()));
}

/// Long but not too long, pipelined, and nothing is read.
fn inbox(seconds: u64) {
    let (attacked, mut peer) = Attacked::start("CALLs of 60 kB, nothing read", &["--json"], true);
    let until = Instant::now() + Duration::from_secs(seconds);
    let data = "[".repeat(60_000);
    let call = frame(
        0x81,
        format!(r#"[2,"1","DataTransfer",{{"a":{data}"#).as_bytes(),
    );
    let sent = flood(&mut peer.stream, &call, 10, until);
    attacked.judge(&format!("{sent} CALLs in {seconds} s"));
}

fn unread_output(calls: usize) {
    let what = "output that is not read";
    let (attacked, mut peer) = Attacked::start(what, &["--json"], false);
    let began = Instant::now();
    for number in 0..calls {
        let id = format!("call-{number}");
        peer.send(&format!(r#"[2,"{id}","GetConfiguration",{{}}]"#));
        assert_eq!(peer.answer(&id)[0], 3);
    }
    let took = began.elapsed();
    attacked.judge(&format!(
        "{calls} of {calls} CALLs answered in {:.1} s",
        took.as_secs_f64()
    ));
}

/// Actions of 60 kB, each of which is three texts of an event, while listeners of the panel do not read.
fn panel_listeners(listeners: usize, calls: usize) {
    let what = "CALLs with long actions, listeners of the panel that do not read";
    let (address, mut panel_listeners) = (free_address(), Vec::new());
    let options = ["--json", "--panel", &address];
    let (attacked, mut peer) = Attacked::start(what, &options, true);
    for _ in 0..listeners {
        let mut listener = TcpStream::connect(&address).unwrap();
        let request = "GET /api/stations/1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        listener.write_all(request.as_bytes()).unwrap();
        panel_listeners.push(listener);
    }
    let action = "A".repeat(60_000);
    for number in 0..calls {
        peer.send(&format!(r#"[2,"{number}","{action}",{{}}]"#));
        assert_eq!(peer.answer(&number.to_string())[0], 4);
    }
    attacked.judge_by(
        MOST_KB_WITH_PANEL,
        &format!("{calls} answered, {listeners} listeners"),
    );
}

/// A port that was free just now.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// `charge-point test` looks back at all that came, but does not keep whatever comes.
fn flooded_scenario() {
    let what = "a scenario that is flooded";
    let folder = Folder::new();
    let scenario = folder.steps("  - sends: BootNotification\n  - wait: 50\n");
    let door = Door::open();
    let child = binary()
        .args(["test", "--lenient", "--hook", "true", "--csms", &door.url()])
        .arg(scenario)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut attacked = Attacked { child, what };
    let mut peer = door.accept();
    peer.boot();
    let mut stream = peer.stream.try_clone().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
    });
    let data = "0,".repeat(7_000);
    let call = format!(r#"[2,"flood","ClearCache",{{"a":[{data}0]}}]"#);
    let call = frame(0x81, call.as_bytes());
    let began = Instant::now();
    let (mut sent, mut peak) = (0, 0);
    while attacked.child.try_wait().unwrap().is_none() {
        let until = Instant::now() + Duration::from_millis(100);
        sent += flood(&mut peer.stream, &call, 1, until);
        peak = peak.max(try_peak_kb(attacked.child.id()).unwrap_or(0));
        assert!(began.elapsed() < Duration::from_secs(45), "{sent} sent");
    }
    let mut text = String::new();
    let output = attacked.child.stdout.as_mut().unwrap();
    output.read_to_string(&mut text).unwrap();
    assert!(text.contains("more than 64 MiB"), "{text}");
    println!("{what}: ended with {sent} CALLs; peak memory {peak} kB");
    assert!(peak <= 128 * 1024, "{peak} kB");
}

#[test]
fn small_attacks_cost_no_memory() {
    pings(3);
    slow_reader(5);
    long_calls(2, 15_800_000, &["--json"]);
    long_calls(1, 15_800_000, &[]);
    inbox(3);
    unread_output(1_522);
    panel_listeners(5, 200);
    flooded_scenario();
}

#[test]
#[ignore = "takes some minutes: cargo xtask attack"]
fn attacks_cost_no_memory() {
    pings(20);
    slow_reader(45);
    long_calls(79, 15_800_000, &["--json"]);
    long_calls(79, 15_800_000, &[]);
    inbox(20);
    unread_output(10_000);
    panel_listeners(5, 2_000);
}

#[test]
#[ignore = "takes a minute: cargo xtask attack"]
fn who_reads_nothing_is_cut() {
    let what = "a central system that reads nothing";
    let (attacked, mut peer) = Attacked::start(what, &["--json"], true);
    let began = Instant::now();
    let call = frame(0x81, br#"[2,"flood","GetConfiguration",{}]"#);
    // Half a minute from when the buffers between the two are full.
    let until = began + Duration::from_secs(180);
    flood(&mut peer.stream, &call, 1000, until);
    let took = began.elapsed();
    assert!(Instant::now() < until, "{took:?}");
    attacked.judge(&format!("cut after {:.0} s", took.as_secs_f64()));
}
