//! What the engine says: done at once, or as soon as it has said all.

use fleet_engine::{
    domain::{AuthorizationStatus, UnlockStatus},
    station::{Event, Input, TransactionState},
};

use super::{RESTART_MS, Running};
use crate::{bay::Stage, station::count, trouble::Trouble};

impl Running<'_, '_> {
    /// What has to be done at once; the rest is a wish.
    pub(super) fn note(&mut self, event: Event) {
        let now = self.common.now();
        let counters = &self.common.stats.counters;
        if self.common.watchers.has(self.site.plan.place) {
            self.report(&event);
        }
        match event {
            Event::Energy { connector, allowed } => {
                if let Some((bay, random)) = self.bay(connector) {
                    bay.switch(allowed, now);
                    match (allowed, bay.stage) {
                        (true, Stage::Plugged | Stage::Presented) => bay.stage = Stage::Charging,
                        // Its end, however that came about: the driver unplugs.
                        (false, Stage::Leaving) => {
                            bay.schedule(now + random.within(2_000.0, 15_000.0) as u64);
                        }
                        _ => {}
                    }
                    bay.plan(now);
                }
            }
            Event::ChargingLimit { connector, limit } => {
                if let Some((bay, _)) = self.bay(connector) {
                    let watts = limit.map(|limit| {
                        let amperes = limit
                            .deciamperes
                            .saturating_mul(u32::from(limit.phases) * 23);
                        limit.watts.min(amperes)
                    });
                    bay.limit(watts, now);
                    bay.plan(now);
                }
            }
            Event::Transaction {
                connector, state, ..
            } => match state {
                TransactionState::Started => count(&counters.started),
                TransactionState::Stopped => {
                    count(&counters.stopped);
                    if let Some((bay, random)) = self.bay(connector)
                        && bay.is_served()
                    {
                        bay.stopped(now + random.within(2_000.0, 15_000.0) as u64);
                    }
                }
                TransactionState::Reported => count(&counters.reported),
                TransactionState::Accepted | TransactionState::Refused => {}
            },
            Event::CallFailed { failure, .. } => {
                if let Some(trouble) = Trouble::of_call(failure) {
                    self.trouble(trouble);
                }
            }
            Event::FrameDropped(_) => self.trouble(Trouble::Dropped),
            Event::StorageFailed(_) => self.trouble(Trouble::NotStored),
            event => self.common.wishes.borrow_mut().push_back(event),
        }
    }

    pub(super) fn hear(&mut self, event: Event) {
        let now = self.common.now();
        match event {
            Event::MeterWanted(connector) => self.read_meter(connector),
            Event::Unlock(connector) => {
                let status = UnlockStatus::Unlocked;
                self.tell(Input::UnlockResult { connector, status });
            }
            Event::Authorization {
                connector, status, ..
            } if status != AuthorizationStatus::Accepted => {
                self.trouble(Trouble::NotAuthorized);
                let is_online = self.station.is_online();
                if let Some((bay, random)) = self.bay(connector)
                    && bay.stage == Stage::Presented
                {
                    // Without a connection the driver tries again, else leaves.
                    let (least, most) = match is_online {
                        true => (2_000.0, 15_000.0),
                        false => {
                            bay.stage = Stage::Plugged;
                            (5_000.0, 20_000.0)
                        }
                    };
                    bay.schedule(now + random.within(least, most) as u64);
                }
            }
            Event::RemoteStart { connector, .. } => {
                if let Some((bay, _)) = self.bay(connector)
                    && bay.stage == Stage::Empty
                {
                    bay.summon(now);
                }
            }
            Event::Reset(_) => self.off_until = Some(now + RESTART_MS),
            _ => {}
        }
    }
}
