//! What the charge point of the demonstration has told so far.

use std::time::{Duration, Instant};

use ocpp::{
    domain::{Status, TransactionId},
    station::TransactionState,
};

use crate::{
    exchange::Direction,
    report::{Happening, Observed},
};

/// Longer than any step takes, even on a slow machine.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Watch {
    happenings: Observed,
    seen: Vec<(u64, Happening)>,
    /// What has been waited for is not waited for again.
    past: usize,
}

impl Watch {
    pub fn new(happenings: Observed) -> Self {
        Self {
            happenings,
            seen: Vec::new(),
            past: 0,
        }
    }

    /// Waits for something that has not been waited for yet.
    pub fn wait<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&Happening) -> Option<T>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some((_, happening)) = self.seen.get(self.past) {
                self.past += 1;
                if let Some(found) = wanted(happening) {
                    return Ok(found);
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.happenings.next(left) {
                Ok(happening) => self.seen.push(happening),
                Err(_) => return Err(format!("waited in vain: {what}")),
            }
        }
    }

    pub fn wait_status(&mut self, connector: u8, wanted: Status) -> Result<(), String> {
        let what = format!("connector {connector} {}", wanted.as_str());
        self.wait(&what, |happening| match happening {
            Happening::Status {
                connector: c,
                status: Some(status),
                ..
            } if *c == connector && *status == wanted => Some(()),
            _ => None,
        })
    }

    /// Waits for a state of a transaction; gives its number.
    pub fn wait_transaction(
        &mut self,
        connector: u8,
        wanted: TransactionState,
    ) -> Result<Option<TransactionId>, String> {
        let what = format!("transaction of connector {connector} {wanted:?}");
        self.wait(&what, |happening| match happening {
            Happening::Transaction {
                connector: c,
                state,
                transaction_id,
                ..
            } if *c == connector && *state == wanted => Some(*transaction_id),
            _ => None,
        })
    }

    /// Takes in what is left, once the charge point has ended.
    pub fn finish(&mut self) {
        while let Ok(happening) = self.happenings.next(Duration::ZERO) {
            self.seen.push(happening);
        }
    }

    /// When a transaction got into a state, in milliseconds.
    pub fn when(&self, connector: u8, wanted: TransactionState) -> Option<u64> {
        let is_it = |happening: &Happening| {
            matches!(happening, Happening::Transaction { connector: c, state, .. }
                if *c == connector && *state == wanted)
        };
        let found = self.seen.iter().find(|(_, happening)| is_it(happening));
        found.map(|(millis, _)| *millis)
    }

    pub fn frames(&self, wanted: Direction) -> usize {
        let is_it = |happening: &Happening| matches!(happening, Happening::Frame { direction, .. } if *direction == wanted);
        self.seen.iter().filter(|(_, h)| is_it(h)).count()
    }

    pub fn errors(&self) -> usize {
        let is_it = |happening: &Happening| matches!(happening, Happening::Error { .. });
        self.seen.iter().filter(|(_, h)| is_it(h)).count()
    }
}
