//! What of a charging profile cannot be (OCPP 1.6, 5.16 and 7.8 ChargingProfile).

use super::{
    profile::{MOST_LIMIT, Period, Profile},
    schedule::{ENDLESS, Timing},
};
use crate::{
    dialect::{ChargingPeriod, ChargingProfile},
    domain::{ChargingProfileKind, ChargingProfilePurpose, RecurrencyKind},
    limits::MAX_STACK_LEVEL,
    wire::UnixMillis,
};

/// The profile without its periods; `None` where it cannot be one of that connector.
pub fn header(asked: &ChargingProfile<'_>, connector: u8) -> Option<Profile> {
    let purpose = asked.purpose;
    let is_relative = asked.kind == ChargingProfileKind::Relative;
    let is_recurring = asked.kind == ChargingProfileKind::Recurring;
    let has_place = match purpose {
        ChargingProfilePurpose::StationMax => connector == 0 && !is_relative,
        ChargingProfilePurpose::TxDefault => true,
        ChargingProfilePurpose::Tx => connector != 0,
    };
    if !has_place || asked.recurrency.is_some() != is_recurring {
        return None;
    }
    let stack_level = u8::try_from(asked.stack_level).ok()?;
    let start = match is_relative {
        true => 0,
        false => asked.schedule.start?,
    };
    let duration = asked.schedule.duration.map_or(Some(ENDLESS), to_u32)?;
    let timing = Timing {
        kind: asked.kind,
        recurrency: asked.recurrency.unwrap_or(RecurrencyKind::Daily),
        start,
        duration,
        valid_from: asked.valid_from.unwrap_or(UnixMillis::MIN),
        valid_to: asked.valid_to.unwrap_or(UnixMillis::MAX),
    };
    if stack_level > MAX_STACK_LEVEL || timing.valid_to <= timing.valid_from {
        return None;
    }
    let unit = asked.schedule.unit;
    let mut profile = Profile::new(asked.id, connector, purpose, stack_level, timing, unit);
    profile.min_rate = asked.schedule.min_rate.map_or(Some(0), to_limit)?;
    Some(profile)
}

/// A period behind those before it; `None` where it cannot be there.
pub fn period(asked: ChargingPeriod, before: Option<Period>) -> Option<Period> {
    let start = to_u32(asked.start)?;
    let follows = match before {
        None => start == 0,
        Some(before) => before.start < start,
    };
    let limit = to_limit(asked.limit)?;
    let phases = match asked.phases {
        None => 0,
        Some(phases @ 1..=3) => phases as u8,
        Some(_) => return None,
    };
    follows.then_some(Period {
        start,
        limit,
        phases,
    })
}

/// What is more than can be kept is as good as no limit, and meant so.
fn to_limit(tenths: i64) -> Option<u32> {
    u32::try_from(tenths.min(MOST_LIMIT.into())).ok()
}

fn to_u32(number: i32) -> Option<u32> {
    u32::try_from(number).ok()
}
