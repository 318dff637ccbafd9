//! Floods, and central systems that hang, while a transaction is metered each second: what memory they cost, how
//! late the meter is read and told of, and when the connection is dropped. `cargo xtask flood` prints the table
//! that docs/flood.md has; a run of the tests has a small one.

mod hangs;
mod line;
mod victim;

use std::{
    thread,
    time::{Duration, Instant},
};

use line::Seen;
use victim::{Cost, Victim};

use crate::{attacks::MOST_KB, peer::frame};

/// How long what was sent may take to be answered.
const PATIENCE: Duration = Duration::from_secs(60);
const A_SECOND: usize = 10_000;

const CALL: &[u8] = br#"[2,"flood","GetConfiguration",{"key":["A"]}]"#;

type Running = Box<dyn FnOnce() -> Cost + Send>;

/// A flood of one frame.
struct Flood {
    what: &'static str,
    frame: Vec<u8>,
    a_second: usize,
    /// Each is answered.
    is_answered: bool,
}

impl Flood {
    /// So many frames a second, as far as they are taken, in pieces between which answers go out. Each piece
    /// ends with a CALL, whose answer is waited for: what the central system has to say behind tens of
    /// thousands of frames would come too late, whatever the charge point does.
    fn run(self, seconds: u64, done: fn(usize, &Seen) -> String) -> Cost {
        let (victim, mut line) = Victim::start(&[]);
        let (began, mut sent, mut answers) = (Instant::now(), 0, 0);
        let until = began + Duration::from_secs(seconds);
        let most = 1000.min(1 + 200_000 / self.frame.len());
        while Instant::now() < until {
            let due = began.elapsed().as_millis() as usize * self.a_second / 1000;
            let count = most.min(due - sent);
            sent += count;
            answers += 1 + count * usize::from(self.is_answered);
            let mut piece = self.frame.repeat(count);
            piece.extend(frame(0x81, CALL));
            let flood = || std::mem::take(&mut piece);
            let deadline = Instant::now() + PATIENCE;
            let is_kept = line.pump(deadline, flood, |seen| seen.answers >= answers);
            assert!(is_kept && line.seen().answers == answers, "{}", self.what);
        }
        victim.judge(self.what, &mut line, |seen| done(sent, seen))
    }
}

fn calls(seconds: u64) -> Cost {
    let flood = Flood {
        what: "10,000 CALLs a second",
        frame: frame(0x81, CALL),
        a_second: A_SECOND,
        is_answered: true,
    };
    flood.run(seconds, |sent, _| format!("{sent} sent, all answered"))
}

fn answers_to_nothing(seconds: u64) -> Cost {
    let flood = Flood {
        what: "10,000 answers a second to nothing",
        frame: frame(0x81, br#"[3,"nothing",{"status":"Accepted"}]"#),
        a_second: A_SECOND,
        is_answered: false,
    };
    flood.run(seconds, |sent, _| format!("{sent} sent"))
}

fn largest_calls(seconds: u64) -> Cost {
    let call = r#"[2,"flood","DataTransfer",{"vendorId":"V","data":""#;
    let text = format!("{call}{}\"}}]", "x".repeat(64 * 1024 - call.len() - 3));
    let flood = Flood {
        what: "CALLs of 64 KiB",
        frame: frame(0x81, text.as_bytes()),
        a_second: A_SECOND,
        is_answered: true,
    };
    flood.run(seconds, |sent, _| format!("{sent} sent, all answered"))
}

fn pings(seconds: u64) -> Cost {
    let flood = Flood {
        what: "pings without end",
        frame: frame(0x89, &[b'x'; 125]),
        a_second: 100 * A_SECOND,
        is_answered: false,
    };
    let done = |sent, seen: &Seen| format!("{sent} sent, {} pongs", seen.pongs);
    flood.run(seconds, done)
}

/// Fragments of a message that never ends, each of so many bytes: no CALL of the charge point can be answered
/// among them.
fn fragments(
    what: &'static str,
    bytes: usize,
    settings: &[(&str, u32)],
    reason: &str,
    close: Option<u16>,
) -> Cost {
    let (victim, mut line) = Victim::start(settings);
    let part = frame(0x00, &vec![b'['; bytes]);
    let mut sent = 0;
    let flood = || {
        let first = if sent == 0 {
            frame(0x01, b"[")
        } else {
            Vec::new()
        };
        sent += 100;
        [first, part.repeat(100)].concat()
    };
    line.stop_answering();
    let until = Instant::now() + 3 * PATIENCE;
    assert!(!line.pump(until, flood, |_| false), "{what}: kept");
    let after = victim.problem(reason, PATIENCE);
    assert_eq!(line.seen().close, close, "{what}");
    drop(line);
    let back = victim.comes_back();
    let cost = victim.judge_dropped(
        what,
        format!("{sent} sent, dropped after {:.1} s", after.as_secs_f64()),
    );
    drop(back);
    cost
}

fn empty_fragments(settings: &[(&str, u32)], reason: &str, close: Option<u16>) -> Cost {
    fragments("empty fragments without end", 0, settings, reason, close)
}

fn full_fragments() -> Cost {
    let (reason, too_big) = ("too long", Some(1009));
    fragments("fragments of 4 KiB without end", 4096, &[], reason, too_big)
}

/// Prints the table, and judges it.
fn judge(costs: Vec<Cost>, most_taken_late_ms: i64, most_told_late_ms: i64) {
    println!(
        "\n| flood | s | what came of it | kB before | peak | after | sample late by, ms | told late by, ms |\n\
         | --- | --: | --- | --: | --: | --: | --: | --: |"
    );
    for cost in &costs {
        let told = cost
            .told_late_ms
            .map_or("-".to_owned(), |ms| ms.to_string());
        println!(
            "| {} | {:.0} | {} | {} | {} | {} | {} | {told} |",
            cost.what,
            cost.seconds,
            cost.done,
            cost.before_kb,
            cost.peak_kb,
            cost.after_kb,
            cost.taken_late_ms,
        );
    }
    for cost in costs {
        let what = cost.what;
        assert!(cost.peak_kb <= MOST_KB, "{what}: {} kB", cost.peak_kb);
        let (taken, told) = (cost.taken_late_ms, cost.told_late_ms.unwrap_or(0));
        let is_on_time = taken <= most_taken_late_ms && told <= most_told_late_ms;
        assert!(is_on_time, "{what}: {taken} ms, {told} ms");
    }
}

/// Runs floods beside each other.
fn beside(floods: Vec<Running>) -> Vec<Cost> {
    let threads: Vec<_> = floods.into_iter().map(thread::spawn).collect();
    threads.into_iter().map(|it| it.join().unwrap()).collect()
}

/// With this a central system that hangs is noticed soon, by three CALLs without an answer.
const IMPATIENT: [(&str, u32); 1] = [("MessageTimeout", 1)];

#[test]
fn small_floods_keep_a_transaction_metered() {
    let costs = beside(vec![
        Box::new(|| calls(1)),
        Box::new(|| answers_to_nothing(1)),
        Box::new(|| pings(1)),
        Box::new(|| empty_fragments(&IMPATIENT, "answers nothing", Some(1000))),
        Box::new(full_fragments),
        Box::new(|| hangs::half_open(&IMPATIENT, "answers nothing")),
        Box::new(|| hangs::a_byte_a_second(&IMPATIENT, "answers nothing")),
        Box::new(|| hangs::redirects(2)),
    ]);
    // All at once, on a machine that is busy.
    judge(costs, 2000, 10_000);
}

#[test]
#[ignore = "takes some minutes: cargo xtask flood"]
fn floods_keep_a_transaction_metered() {
    let mut costs = vec![
        calls(20),
        largest_calls(20),
        answers_to_nothing(20),
        pings(20),
    ];
    costs.push(full_fragments());
    costs.push(empty_fragments(&[], "no pong", None));
    costs.extend(beside(vec![
        Box::new(|| hangs::half_open(&[], "no pong")),
        Box::new(|| hangs::a_byte_a_second(&[], "no pong")),
        Box::new(hangs::window_of_zero),
        Box::new(hangs::silent_handshake),
        Box::new(hangs::dripping_handshake),
        Box::new(|| hangs::redirects(5)),
    ]));
    judge(costs, 500, 3000);
}
