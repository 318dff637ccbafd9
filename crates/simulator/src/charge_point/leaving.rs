//! The end of input, and `quit`: what is under way is finished first.

use std::time::{Duration, Instant};

use ocpp::domain::{Reason, RegistrationStatus};

use super::powered::{End, Powered};
use crate::exchange::Direction;

/// Longest time to leave.
const PATIENCE: Duration = Duration::from_secs(10);
/// Nothing is under way when nothing happened for so long.
const QUIET: Duration = Duration::from_millis(250);

/// A charge point that is about to be switched off.
#[derive(Debug)]
pub struct Leaving {
    until: Instant,
    quiet_since: Option<Instant>,
}

impl Leaving {
    /// How often it is looked whether there is still something to do.
    pub const STEP: Duration = Duration::from_millis(25);

    pub fn begin(now: Instant) -> Self {
        Self {
            until: now + PATIENCE,
            quiet_since: None,
        }
    }

    /// True when there was nothing to do for long enough.
    fn is_quiet(&mut self, busy: bool, now: Instant) -> bool {
        if busy {
            self.quiet_since = None;
            return false;
        }
        now.saturating_duration_since(*self.quiet_since.get_or_insert(now)) >= QUIET
    }
}

impl Powered<'_> {
    /// Looks whether it is time to leave.
    pub(super) fn go_on_leaving(&mut self) {
        let busy = self.is_busy();
        let now = Instant::now();
        let Some(leaving) = &mut self.leaving else {
            return;
        };
        let late = leaving.until <= now;
        if !late && !leaving.is_quiet(busy, now) {
            return;
        }
        let running = |number: &u8| self.station.transaction(*number).is_some();
        if self.hardware.numbers().iter().any(running) {
            self.stop_transactions(Reason::Local);
            if !late {
                leaving_again(&mut self.leaving);
                return;
            }
        }
        if self.end.is_none() {
            let left = self.station.queued();
            if left > 0 {
                self.report.error(format!(
                    "{left} transaction messages have not been delivered"
                ));
            }
            self.end = Some(End::Quit);
        }
    }

    /// True while there is something that waiting may bring to an end.
    fn is_busy(&self) -> bool {
        if self.exchanges.awaits(Direction::Out) {
            return true;
        }
        if self.station.is_online() {
            return self.station.queued() > 0;
        }
        let refused = self
            .registered
            .is_some_and(|status| status != RegistrationStatus::Accepted);
        let nothing_to_deliver = self.station.queued() == 0;
        let out_of_reach = !self.hardware.network || refused;
        !(out_of_reach || self.unreachable && nothing_to_deliver)
    }
}

/// What the last step has begun is waited for too.
fn leaving_again(leaving: &mut Option<Leaving>) {
    if let Some(leaving) = leaving {
        leaving.quiet_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_is_a_while_without_work() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut leaving = Leaving::begin(start);
        assert!(!leaving.is_quiet(false, at(0)));
        assert!(!leaving.is_quiet(true, at(200)));
        assert!(!leaving.is_quiet(false, at(300)));
        assert!(!leaving.is_quiet(false, at(500)));
        assert!(leaving.is_quiet(false, at(550)));
    }
}
