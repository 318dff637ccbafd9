//! What drivers, fate and the clock do at a station under power.

use fleet_engine::{
    domain::{ChargePointError, IdToken},
    station::{Input, Suspension},
};

use super::{Running, SIMULATED};
use crate::{
    bay::{Act, Stage},
    link::Failure,
    station::count,
};

impl Running<'_, '_> {
    /// Does what is due now.
    pub(super) fn be_due(&mut self) {
        let now = self.common.now();
        for number in 1..=self.common.setup.connectors {
            let act = self.bay(number).and_then(|(bay, _)| bay.due(now));
            if let Some(act) = act {
                self.act(number, act, now);
            }
        }
        if self.site.loses_link_at <= now {
            let setup = &self.common.setup;
            let again = setup.model.until_link_loss(&mut self.site.random);
            self.site.loses_link_at = now.saturating_add(again);
            let until = now + self.site.random.exponential(30_000.0) as u64;
            self.site.outage_until = self.site.outage_until.max(until);
            self.lose_link();
        }
        if self.opens_until <= now {
            self.hang_up(Failure::Refused);
        }
        if self.next_ping <= now {
            self.ping(now);
        }
    }

    fn act(&mut self, number: u8, act: Act, now: u64) {
        let (setup, counters) = (&self.common.setup, &self.common.stats.counters);
        let Some((bay, random)) = self.bay(number) else {
            return;
        };
        match act {
            Act::Plug if !bay.is_sure && !setup.model.comes(random, setup.hour(now)) => {
                bay.expect(&setup.model, random, now);
            }
            Act::Plug => {
                count(&counters.vehicles);
                bay.arrive(&setup.model, random, setup.drivers, now);
                self.tell(Input::Plugged(number));
            }
            Act::Present => {
                // Who has not got any energy in a while leaves.
                bay.next = now + random.within(120_000.0, 180_000.0) as u64;
                bay.stage = match bay.stage {
                    Stage::Charging => Stage::Leaving,
                    _ => Stage::Presented,
                };
                let tag = setup.id_tag(bay.id_tag);
                if let Ok(id_tag) = IdToken::try_from(&*tag) {
                    let id_tag = &id_tag;
                    let connector = number;
                    // What is refused, because it is out of service or occupied, comes to no more.
                    let _ = self.station.handle(now, Input::Tag { connector, id_tag });
                    self.drain();
                }
            }
            Act::Full => {
                bay.fill(now);
                bay.plan(now);
                let by = Some(Suspension::Ev);
                let _ = self.station.handle(
                    now,
                    Input::Suspended {
                        connector: number,
                        by,
                    },
                );
                self.drain();
            }
            Act::Unplug => {
                bay.expect(&setup.model, random, now);
                self.tell(Input::Unplugged(number));
            }
            Act::Break => {
                count(&counters.faults);
                bay.breaks_off(now + random.within(60_000.0, 600_000.0) as u64);
                self.tell_fault(number, ChargePointError::OtherError, SIMULATED);
                self.tell(Input::Unplugged(number));
            }
            Act::Mend => {
                bay.fault = None;
                bay.expect(&setup.model, random, now);
                self.tell(Input::FaultCleared(number));
            }
        }
    }
}
