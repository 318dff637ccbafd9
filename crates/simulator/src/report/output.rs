//! Standard output, written by a thread of its own: a slow reader holds nothing up.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// So many bytes wait for the reader; lines behind them are dropped until there is room again.
const MOST_BYTES: usize = 1 << 20;
/// After lines were dropped, others are taken when no more than that waits.
const ROOM_BYTES: usize = MOST_BYTES / 2;
/// What is written at once.
const CHUNK: usize = 4096;
/// At the end, what waits is written as long as the reader takes something that often,
const STALL: Duration = Duration::from_secs(5);
/// and no longer than that.
const FAREWELL: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<String>,
    bytes: usize,
    /// Lines that there was no room for and that nothing has been said about.
    dropped: u64,
    /// A line is being written.
    is_writing: bool,
    /// Counts what was written.
    progress: u64,
    /// The reader has closed.
    is_broken: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// Lines on their way to a reader.
#[derive(Clone, Debug)]
pub struct Output(Arc<Shared>);

impl Output {
    /// Lines that `writer` gets.
    pub fn start(writer: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let ours = Arc::clone(&shared);
        thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || ours.write(writer))?;
        Ok(Self(shared))
    }

    /// Takes a line, or drops it. `notice` makes a line that says how many were dropped before.
    pub fn print(&self, line: &str, notice: impl FnOnce(u64) -> String) {
        let mut state = self.0.lock();
        if state.is_broken {
            return;
        }
        let room = match state.dropped {
            0 => MOST_BYTES,
            _ => ROOM_BYTES,
        };
        // However long it is: an empty queue takes any line.
        if state.bytes > 0 && state.bytes + line.len() >= room {
            state.dropped += 1;
            return;
        }
        state.say_dropped(notice);
        state.push(line.to_owned());
        drop(state);
        self.0.changed.notify_all();
    }

    /// True when the reader has closed.
    pub fn is_broken(&self) -> bool {
        self.0.lock().is_broken
    }

    /// Waits until all is written, as long as the reader goes on taking it.
    pub fn finish(&self, notice: impl FnOnce(u64) -> String) {
        let deadline = Instant::now() + FAREWELL;
        let mut state = self.0.lock();
        state.say_dropped(notice);
        self.0.changed.notify_all();
        let (mut progress, mut stalled_at) = (state.progress, Instant::now() + STALL);
        while !state.is_broken && (state.is_writing || !state.lines.is_empty()) {
            let now = Instant::now();
            if state.progress != progress {
                (progress, stalled_at) = (state.progress, now + STALL);
            }
            let left = stalled_at.min(deadline).saturating_duration_since(now);
            if left.is_zero() {
                return;
            }
            let woken = self.0.changed.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl State {
    fn push(&mut self, mut line: String) {
        line.push('\n');
        self.bytes += line.len();
        self.lines.push_back(line);
    }

    fn say_dropped(&mut self, notice: impl FnOnce(u64) -> String) {
        if self.dropped > 0 {
            let line = notice(std::mem::take(&mut self.dropped));
            self.push(line);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until the reader closes.
    fn write(&self, mut writer: impl Write) {
        loop {
            let idle = |state: &mut State| state.lines.is_empty();
            let waited = self.changed.wait_while(self.lock(), idle);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            let Some(line) = state.lines.pop_front() else {
                continue;
            };
            state.is_writing = true;
            drop(state);
            let mut is_broken = false;
            for chunk in line.as_bytes().chunks(CHUNK) {
                is_broken |= writer.write_all(chunk).is_err();
                self.lock().progress += 1;
                self.changed.notify_all();
            }
            is_broken |= writer.flush().is_err();
            let mut state = self.lock();
            state.is_writing = false;
            state.bytes -= line.len();
            state.is_broken = is_broken;
            if is_broken {
                state.lines.clear();
            }
            drop(state);
            self.changed.notify_all();
            if is_broken {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{self, Receiver, SyncSender};

    /// Takes a write whenever it is let.
    struct Slow {
        let_through: Receiver<()>,
        written: SyncSender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Once nothing holds it up any more, everything passes.
            let _ = self.let_through.recv();
            let sent = self.written.send(bytes.to_vec());
            sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn notice(lines: u64) -> String {
        format!("{lines} dropped")
    }

    #[test]
    fn a_reader_that_stands_still_holds_nothing_up_and_learns_what_it_missed() {
        let (hold, let_through) = mpsc::channel();
        let (written, taken) = mpsc::sync_channel(1 << 20);
        let output = Output::start(Slow {
            let_through,
            written,
        })
        .unwrap();
        let line = "x".repeat(1023);
        let began = Instant::now();
        for _ in 0..10_000 {
            output.print(&line, notice);
        }
        assert!(began.elapsed() < Duration::from_secs(5));
        assert!(output.0.lock().bytes <= MOST_BYTES);
        drop(hold);
        output.finish(notice);
        let bytes: Vec<u8> = taken.try_iter().flatten().collect();
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let kept = lines.iter().filter(|l| **l == line).count();
        assert!((1000..=1100).contains(&kept), "{kept}");
        assert_eq!(lines.last(), Some(&&*notice(10_000 - kept as u64)));
    }

    #[test]
    fn a_reader_that_has_closed_is_noticed() {
        let (written, taken) = mpsc::sync_channel(1);
        let (hold, let_through) = mpsc::channel();
        drop((hold, taken));
        let output = Output::start(Slow {
            let_through,
            written,
        })
        .unwrap();
        output.print("x", notice);
        output.finish(notice);
        assert!(output.is_broken());
    }
}
