//! What a station tells another thread, which may be slow: no more than so much waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use super::Happening;

/// Bytes that wait. With more of them the rest is lost.
const MOST_BYTES: usize = 16 << 20;
/// What a happening takes without its long texts.
const AROUND: usize = 512;

#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    is_lost: AtomicBool,
}

/// The station's side.
#[derive(Clone, Debug)]
pub struct Observer {
    sender: Sender<(u64, Happening)>,
    waiting: Arc<Waiting>,
}

/// The side of the other thread.
#[derive(Debug)]
pub struct Observed {
    receiver: Receiver<(u64, Happening)>,
    waiting: Arc<Waiting>,
}

/// Both sides.
pub fn observer() -> (Observer, Observed) {
    let (sender, receiver) = mpsc::channel();
    let waiting = Arc::new(Waiting::default());
    let observer = Observer {
        sender,
        waiting: Arc::clone(&waiting),
    };
    (observer, Observed { receiver, waiting })
}

impl Observer {
    /// Tells it, unless too much waits or the other thread has ended.
    pub fn tell(&self, millis: u64, happening: Happening) {
        let bytes = bytes(&happening);
        let waiting = self.waiting.bytes.fetch_add(bytes, Ordering::Relaxed);
        let is_lost = waiting > MOST_BYTES;
        if is_lost || self.sender.send((millis, happening)).is_err() {
            self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.waiting.is_lost.fetch_or(is_lost, Ordering::Relaxed);
        }
    }
}

impl Observed {
    /// What is told next: milliseconds since the start, and what happened then.
    pub fn next(&self, patience: Duration) -> Result<(u64, Happening), RecvTimeoutError> {
        let (millis, happening) = self.receiver.recv_timeout(patience)?;
        let bytes = bytes(&happening);
        self.waiting.bytes.fetch_sub(bytes, Ordering::Relaxed);
        Ok((millis, happening))
    }

    /// True when something was not told, because too much waited.
    pub fn has_lost(&self) -> bool {
        self.waiting.is_lost.load(Ordering::Relaxed)
    }
}

fn bytes(happening: &Happening) -> usize {
    AROUND
        + match happening {
            Happening::Frame { text, exchange, .. } => {
                text.len() + exchange.action().map_or(0, str::len)
            }
            Happening::Deviation {
                exchange, field, ..
            } => field.len() + exchange.action().map_or(0, str::len),
            Happening::Error { message, .. } => message.len(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_taken_is_lost_and_that_is_known() {
        let (observer, observed) = observer();
        let long = "x".repeat(1 << 20);
        let taken = || observed.next(Duration::ZERO).is_ok();
        for _ in 0..10 {
            observer.tell(0, Happening::error(long.clone()));
        }
        assert!((0..10).all(|_| taken()) && !taken());
        assert!(!observed.has_lost());
        for _ in 0..100 {
            observer.tell(0, Happening::error(long.clone()));
        }
        assert!(observed.has_lost());
        let kept = (0..100).take_while(|_| taken()).count();
        assert!((15..=17).contains(&kept), "{kept}");
        observer.tell(0, Happening::Boot);
        assert!(taken());
    }
}
