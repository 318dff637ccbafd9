//! A bound on the bytes of messages that the station has not dealt with yet.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// So many bytes of messages may wait, or one message of any length.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Debug, Default)]
pub struct Budget {
    taken: Mutex<usize>,
    changed: Condvar,
}

/// Bytes that are given back when this is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    /// Waits until there is room for so many bytes.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Share {
        let full = |taken: &mut usize| *taken > 0 && *taken + bytes > MOST_BYTES;
        let taken = self.changed.wait_while(self.lock(), full);
        *taken.unwrap_or_else(PoisonError::into_inner) += bytes;
        Share {
            budget: Arc::clone(self),
            bytes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        *self.budget.lock() -= self.bytes;
        self.budget.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread, time::Duration};

    #[test]
    fn who_wants_too_much_waits_until_others_give_back() {
        let budget = Arc::new(Budget::default());
        let whole = budget.take(10 * MOST_BYTES);
        let (sender, receiver) = mpsc::channel();
        let other = Arc::clone(&budget);
        let taker = thread::spawn(move || {
            let share = other.take(1);
            sender.send(()).unwrap();
            drop(share);
        });
        assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err());
        drop(whole);
        receiver.recv_timeout(Duration::from_secs(10)).unwrap();
        taker.join().unwrap();
        assert_eq!(*budget.lock(), 0);
    }
}
