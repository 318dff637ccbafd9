//! Reset (OCPP 1.6, 5.14): what runs is ended, what can be delivered is, then the application
//! restarts.

use super::{Event, Key, Refused, context::Context};
use crate::{
    domain::{BootReason, ResetType},
    limits::{METER_TIMEOUT_MS, SOFT_RESET_TIMEOUT_MS},
};

/// How long a hard reset waits for the last readings of transactions to be stored.
const HARD_RESET_TIMEOUT_MS: u64 = METER_TIMEOUT_MS + 1_000;

const FOREVER_MS: u64 = u64::MAX;

/// A reset under way.
#[derive(Debug)]
struct Resetting {
    kind: ResetType,
    /// What the boot behind it says of it.
    reason: BootReason,
    /// When what has not been stored or delivered stops holding it up.
    until: u64,
    tries: u32,
    /// The application has been told and has not failed.
    told: bool,
}

/// The reset that is under way, if one is.
#[derive(Debug, Default)]
pub(super) struct Reset(Option<Resetting>);

impl Reset {
    /// True while one is.
    pub fn is_under_way(&self) -> bool {
        self.0.is_some()
    }

    /// True while what the outbox holds is left to the next boot.
    pub fn is_hard(&self) -> bool {
        let resetting = self.0.as_ref();
        resetting.is_some_and(|resetting| resetting.kind == ResetType::Hard)
    }

    /// Restarts once nothing holds it up; what runs has been told to end.
    pub fn begin(&mut self, cx: &Context<'_>, kind: ResetType, reason: BootReason) {
        let patience = match kind {
            ResetType::Hard => HARD_RESET_TIMEOUT_MS,
            ResetType::Soft => SOFT_RESET_TIMEOUT_MS,
            ResetType::OnIdle => FOREVER_MS,
        };
        self.0 = Some(Resetting {
            kind,
            reason,
            until: cx.now.saturating_add(patience),
            tries: 0,
            told: false,
        });
    }

    /// Tells the application to restart, once nothing holds it up any more. It is the last
    /// event, behind the answer to the Reset. Transactions that run hold it up, and those whose end
    /// can still be delivered: a hard reset leaves these to the next boot. Why is kept for that boot
    /// first: until then only power that fails can restart the station.
    pub fn event(&mut self, cx: &mut Context<'_>, runs: bool, delivers: bool) -> Option<Event> {
        let resetting = self.0.as_mut().filter(|resetting| !resetting.told)?;
        if resetting.kind == ResetType::OnIdle && !runs {
            resetting.kind = ResetType::Soft;
            resetting.until = cx.now + SOFT_RESET_TIMEOUT_MS;
        }
        let is_held_up = runs || (resetting.kind == ResetType::Soft && delivers);
        if is_held_up && cx.now < resetting.until {
            return None;
        }
        resetting.told = true;
        cx.keep_next_boot_reason(Some(resetting.reason));
        Some(Event::Reset(resetting.kind))
    }

    /// When nothing holds it up any more.
    pub fn deadline(&self, cx: &Context<'_>) -> Option<u64> {
        let resetting = self.0.as_ref()?;
        (!resetting.told).then_some(resetting.until.max(cx.now + 1))
    }

    /// Tried again as often as 9.1.22 ResetRetries says, then life goes on.
    pub fn failed(&mut self, cx: &mut Context<'_>) -> Result<(), Refused> {
        let retries = cx.settings.number(Key::ResetRetries);
        let Some(resetting) = self.0.as_mut().filter(|resetting| resetting.told) else {
            return Err(Refused::Unexpected);
        };
        resetting.told = false;
        resetting.tries += 1;
        if resetting.tries > retries {
            self.0 = None;
            cx.keep_next_boot_reason(None);
        }
        Ok(())
    }
}
