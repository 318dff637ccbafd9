//! Which of all profiles limits what, at a moment (OCPP 1.6, 3.13.2 and 3.13.3).

use super::{
    profile::{Profile, Reading},
    schedule::{FOREVER, Moment, Standing},
};
use crate::{
    domain::{ChargingProfilePurpose, ChargingRateUnit},
    storage::Storage,
};

/// A limit as a profile has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Tenths of the unit.
    pub limit: u32,
    pub unit: ChargingRateUnit,
    /// 1 to 3, 0 where it is not said.
    pub phases: u8,
}

/// What limits a connector at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// What charges there.
    pub own: Option<Bound>,
    /// The whole charge point.
    pub station: Option<Bound>,
    /// For how many milliseconds that stays so; [`FOREVER`] where no change is to come.
    pub left: u64,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// 0 for the whole charge point only.
    pub connector: u8,
    /// The transaction there that may have profiles of its own: the station's number for it, 0 while
    /// it has none.
    pub transaction: Option<u32>,
}

/// Finds what limits a connector at a moment, and for how long. `profiles` stand in the order of
/// their stack levels, the highest first. Nothing else is needed and nothing is changed, but what
/// they keep of their periods.
pub fn bounds_at(
    profiles: &mut [Profile],
    storage: &mut dyn Storage,
    place: Place,
    moment: Moment,
) -> Bounds {
    let mut left = FOREVER;
    let mut highest = |profiles: &mut [Profile], wanted: &dyn Fn(&Profile) -> bool| {
        let (bound, lasts) = highest(profiles, storage, wanted, moment);
        left = left.min(lasts);
        bound
    };
    let station = highest(profiles, &|it| {
        it.purpose == ChargingProfilePurpose::StationMax
    });
    if place.connector == 0 {
        let own = None;
        return Bounds { own, station, left };
    }
    let mut own = None;
    if let Some(transaction) = place.transaction {
        own = highest(profiles, &|it| {
            it.purpose == ChargingProfilePurpose::Tx
                && it.connector == place.connector
                && (it.transaction == transaction || it.transaction == 0)
        });
    }
    if own.is_none() {
        // One of the connector takes the place of those of all connectors, whatever their levels; not
        // where nothing of it can be read.
        let is_default = |it: &Profile, connector| {
            it.purpose == ChargingProfilePurpose::TxDefault && it.connector == connector
        };
        own = highest(profiles, &|it| is_default(it, place.connector));
        let counts = |it: &Profile| is_default(it, place.connector) && !it.is_lost();
        if !profiles.iter().any(counts) {
            own = highest(profiles, &|it| is_default(it, 0));
        }
    }
    Bounds { own, station, left }
}

/// The bound of the highest of these profiles that has one, and how long that stays so. Where it has
/// a gap, the next lower one counts.
fn highest(
    profiles: &mut [Profile],
    storage: &mut dyn Storage,
    wanted: &dyn Fn(&Profile) -> bool,
    moment: Moment,
) -> (Option<Bound>, u64) {
    let mut lasts = FOREVER;
    for profile in profiles.iter_mut() {
        if !wanted(profile) {
            continue;
        }
        let (since, left, moves) = match profile.timing.at(moment) {
            Standing::Idle { left } => {
                lasts = lasts.min(left);
                continue;
            }
            Standing::Running { since, left } => (since, left, true),
            Standing::Waiting { left } => (0, left, false),
        };
        let (period, next) = profile.period_at(storage, since, moment.is_now);
        lasts = lasts.min(left);
        if moves || profile.reading != Reading::Worked {
            lasts = lasts.min(next);
        }
        let Some(period) = period else {
            continue;
        };
        let bound = Bound {
            limit: period.limit,
            unit: profile.unit,
            phases: period.phases,
        };
        return (Some(bound), lasts);
    }
    (None, lasts)
}
