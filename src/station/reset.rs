//! Reset (OCPP 1.6, 5.14): what runs is ended, what can be delivered is, then the application
//! restarts.

use super::{Event, Key, Refused, Station};
use crate::{
    limits::{METER_TIMEOUT_MS, SOFT_RESET_TIMEOUT_MS},
    v16::{AcceptedStatus, AuthorizationStatus, Reason, ResetType},
};

/// How long a hard reset waits for the last readings of transactions to be stored.
const HARD_RESET_TIMEOUT_MS: u64 = METER_TIMEOUT_MS + 1_000;

/// A reset under way.
#[derive(Debug)]
pub(super) struct Resetting {
    kind: ResetType,
    /// When what has not been stored or delivered stops holding it up.
    until: u64,
    tries: u32,
    /// The application has been told and has not failed.
    told: bool,
}

impl Station<'_> {
    pub(super) fn reset_requested(&mut self, kind: ResetType) -> AcceptedStatus {
        let reason = match kind {
            ResetType::Hard => Reason::HardReset,
            ResetType::Soft => Reason::SoftReset,
        };
        self.restart(kind, reason);
        AcceptedStatus::Accepted
    }

    /// Ends what runs, and asks for the restart once nothing holds it up.
    pub(super) fn restart(&mut self, kind: ResetType, reason: Reason) {
        for number in self.connector_numbers() {
            self.stop_transaction(number, reason, None);
            self.settle_pending(number, AuthorizationStatus::Invalid);
            if let Ok(connector) = self.connector_mut(number) {
                connector.authorized = None;
                connector.preparing_until = None;
            }
            self.status_changed(number);
        }
        let patience = match kind {
            ResetType::Hard => HARD_RESET_TIMEOUT_MS,
            ResetType::Soft => SOFT_RESET_TIMEOUT_MS,
        };
        self.resetting = Some(Resetting {
            kind,
            until: self.cx.now + patience,
            tries: 0,
            told: false,
        });
    }

    /// Tells the application to restart, once nothing holds it up any more. It is the last
    /// event, behind the answer to the Reset.
    pub(super) fn reset_event(&mut self) -> Option<Event> {
        let resetting = self.resetting.as_ref()?;
        if resetting.told || self.is_reset_held_up(resetting) {
            return None;
        }
        let kind = resetting.kind;
        if let Some(resetting) = &mut self.resetting {
            resetting.told = true;
        }
        Some(Event::Reset(kind))
    }

    fn is_reset_held_up(&self, resetting: &Resetting) -> bool {
        if self.cx.now >= resetting.until {
            return false;
        }
        let mut transactions = self
            .connectors
            .iter()
            .filter_map(|c| c.transaction.as_ref());
        // A soft reset delivers StopTransaction first; a hard one leaves it to the next boot.
        let undelivered = !self.has_delivered_stops() && self.is_online();
        transactions.next().is_some() || (resetting.kind == ResetType::Soft && undelivered)
    }

    /// True while what the journal holds is left to the next boot.
    pub(super) fn is_hard_resetting(&self) -> bool {
        let resetting = self.resetting.as_ref();
        resetting.is_some_and(|resetting| resetting.kind == ResetType::Hard)
    }

    pub(super) fn reset_deadline(&self) -> Option<u64> {
        let resetting = self.resetting.as_ref()?;
        (!resetting.told).then_some(resetting.until.max(self.cx.now + 1))
    }

    /// Tried again as often as 9.1.22 ResetRetries says, then life goes on.
    pub(super) fn reset_failed(&mut self) -> Result<(), Refused> {
        let retries = self.cx.settings.number(Key::ResetRetries);
        let Some(resetting) = self.resetting.as_mut().filter(|resetting| resetting.told) else {
            return Err(Refused::NotAsked);
        };
        resetting.told = false;
        resetting.tries += 1;
        if resetting.tries > retries {
            self.resetting = None;
        }
        Ok(())
    }
}
