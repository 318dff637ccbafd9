//! Charging profiles in storage: taken, replaced, erased, and found again after a boot.

use heapless::Vec;

use super::{
    check,
    profile::{Period, Profile},
};
use crate::{
    dialect::{ChargingPeriods, ChargingProfileFilter},
    domain::ChargingProfilePurpose,
    limits::{CHARGING_PERIODS, CHARGING_PROFILES},
    station::{Event, Key, context::Context, memory::Events, record::skipped},
    storage::{
        Storage, StorageError,
        objects::{self, Kind, ObjectId, Reader, Writer},
        records::{PROFILE_HEADER, PROFILE_PERIOD},
    },
    wire::field::Violation,
};

const _: () = assert!(
    PROFILE_HEADER + CHARGING_PERIODS * PROFILE_PERIOD <= Kind::ChargingProfile.max_length(),
    "OCPP_OBJECT_LENGTH has no room for a charging profile of OCPP_CHARGING_PERIODS"
);

/// All profiles, in the order of their stack levels, the highest first.
pub type Profiles = Vec<Profile, CHARGING_PROFILES>;

/// Reads what storage has, and nothing is written meanwhile: what cannot be read well is read best
/// before. Gives the highest order of all that is there.
pub fn read_all(storage: &mut dyn Storage, events: &mut Events, profiles: &mut Profiles) -> u32 {
    let mut last_order = 0;
    for slot in 0..CHARGING_PROFILES as u8 {
        let Some(object) = Kind::ChargingProfile.object(slot) else {
            break;
        };
        let read = read(storage, slot, object, &mut last_order);
        match read {
            Ok(Some(profile)) => insert(profiles, profile),
            Ok(None) => {}
            Err(_) => skipped(events, object.head()),
        }
    }
    last_order
}

#[inline(never)]
fn read(
    storage: &mut dyn Storage,
    slot: u8,
    object: ObjectId,
    last_order: &mut u32,
) -> Result<Option<Profile>, StorageError> {
    let Some(mut reader) = Reader::open(storage, object)? else {
        return Ok(None);
    };
    let mut bytes = [0; PROFILE_HEADER];
    reader.read_at(storage, 0, &mut bytes)?;
    let profile = Profile::decode(slot, &bytes, reader.length());
    let profile = profile.ok_or(StorageError::Failed)?;
    // Also where its periods cannot be read: they may be another time.
    *last_order = profile.order.max(*last_order);
    reader.verify(storage)?;
    Ok(Some(profile))
}

/// Erases what does not count any more: what a power loss has left of others, profiles of transactions,
/// which ended with it, and those that stand beside one that took their place.
pub fn clear_up(storage: &mut dyn Storage, events: &mut Events, profiles: &mut Profiles) {
    for object in (0..CHARGING_PROFILES as u8).filter_map(|slot| Kind::ChargingProfile.object(slot))
    {
        // One that cannot be read was told before.
        let _ = objects::clean_up(storage, object);
    }
    let mut at = 0;
    while let Some(profile) = profiles.get(at) {
        let rank = |it: &Profile| (it.order, it.slot);
        let is_old = |other: &Profile| other.excludes(profile) && rank(other) > rank(profile);
        let is_over = profile.purpose == ChargingProfilePurpose::Tx || profiles.iter().any(is_old);
        if !is_over {
            at += 1;
            continue;
        }
        let object = profiles.remove(at).object();
        if let Some(Err(error)) = object.map(|object| objects::erase(storage, object)) {
            let _ = events.push_back(Event::StorageFailed(error));
        }
    }
}

fn insert(profiles: &mut Profiles, profile: Profile) {
    let behind = |it: &Profile| it.stack_level < profile.stack_level;
    let at = profiles.iter().position(behind).unwrap_or(profiles.len());
    // There is room for as many as there are slots.
    let _ = profiles.insert(at, profile);
}

/// Stores a profile in the place of those that it excludes. False where it cannot be one, or where
/// there is no room for it; nothing has changed then.
///
/// # Errors
///
/// What is wrong with the form of a period.
pub fn install(
    cx: &mut Context<'_>,
    profiles: &mut Profiles,
    mut profile: Profile,
    periods: ChargingPeriods<'_>,
) -> Result<bool, Violation> {
    // What has the same id is replaced in its own place: with one write.
    let of_id = profiles.iter().find(|it| it.id == profile.id);
    let replaced = of_id.or_else(|| profiles.iter().find(|it| it.excludes(&profile)));
    let is_free = |slot: &u8| !profiles.iter().any(|it| it.slot == *slot);
    let slot = match replaced {
        Some(replaced) => Some(replaced.slot),
        None => (0..CHARGING_PROFILES as u8).find(is_free),
    };
    let Some(slot) = slot else {
        return check_form(periods);
    };
    profile.slot = slot;
    if !write(cx, &mut profile, periods)? {
        return Ok(false);
    }
    // Should power be lost before, the next boot erases them.
    while let Some(at) = profiles.iter().position(|it| it.excludes(&profile)) {
        let old = profiles.remove(at);
        if old.slot != slot {
            erase(cx, old.slot);
        }
    }
    insert(profiles, profile);
    Ok(true)
}

/// Reads periods for what is wrong with their form only.
pub fn check_form(mut periods: ChargingPeriods<'_>) -> Result<bool, Violation> {
    periods.try_for_each(|period| period.map(|_| ()))?;
    Ok(false)
}

/// Writes periods as they are read: none of them is kept. What was written is not there before all of
/// them have been seen to be right.
#[inline(never)] // its buffers
fn write(
    cx: &mut Context<'_>,
    profile: &mut Profile,
    mut periods: ChargingPeriods<'_>,
) -> Result<bool, Violation> {
    let most = cx.settings.number(Key::ChargingScheduleMaxPeriods);
    let Some(object) = profile.object() else {
        return check_form(periods);
    };
    let mut stored = begin(cx, object, &periods, most);
    let mut is_right = true;
    if let Ok(writer) = &mut stored {
        let header = profile.encode();
        let written = writer.write(cx.storage, header.bytes().unwrap_or(&[]));
        is_right = cx.is_done(written);
    }
    let mut last: Option<Period> = None;
    let mut violation = None;
    for asked in &mut periods {
        let asked = match asked {
            Ok(asked) => asked,
            Err(wrong) => {
                violation = Some(wrong);
                break;
            }
        };
        let period = check::period(asked, last).filter(|_| u32::from(profile.periods) < most);
        let (Some(period), Ok(writer), true) = (period, &mut stored, is_right) else {
            // The others are looked at all the same: an error counts more.
            is_right = false;
            continue;
        };
        profile.hold(last, period);
        last = Some(period);
        profile.periods += 1;
        let written = writer.write(cx.storage, &period.encode());
        is_right = cx.is_done(written);
    }
    let writer = match stored {
        Ok(writer) => writer,
        Err(error) => {
            cx.is_done(Err(error));
            return violation.map_or(Ok(false), Err);
        }
    };
    if violation.is_some() || !is_right || profile.periods == 0 {
        let abandoned = writer.abandon(cx.storage);
        cx.is_done(abandoned);
        return violation.map_or(Ok(false), Err);
    }
    let committed = writer.commit(cx.storage);
    Ok(cx.is_done(committed))
}

/// A head that cannot be read is in the way of a new one. It goes only if the periods are right: it may
/// be another time that it can be read.
fn begin(
    cx: &mut Context<'_>,
    object: ObjectId,
    periods: &ChargingPeriods<'_>,
    most: u32,
) -> Result<Writer, StorageError> {
    let begun = Writer::begin(cx.storage, object);
    let is_in_the_way = begun.is_err() && Reader::open(cx.storage, object).is_err();
    if !is_in_the_way || !are_right(periods.clone(), most) {
        return begun;
    }
    objects::erase(cx.storage, object)?;
    Writer::begin(cx.storage, object)
}

fn are_right(periods: ChargingPeriods<'_>, most: u32) -> bool {
    let (mut last, mut count) = (None, 0);
    for asked in periods {
        let Some(period) = asked.ok().and_then(|asked| check::period(asked, last)) else {
            return false;
        };
        last = Some(period);
        count += 1;
    }
    (1..=most).contains(&count)
}

/// Erases the profile of a slot; the application is told if that fails.
fn erase(cx: &mut Context<'_>, slot: u8) -> bool {
    let object = Kind::ChargingProfile.object(slot);
    let erased = object.map_or(Ok(()), |object| objects::erase(cx.storage, object));
    cx.is_done(erased)
}

/// Erases those that are meant: true if there were some. One that cannot be erased stays.
pub fn remove(
    cx: &mut Context<'_>,
    profiles: &mut Profiles,
    mut is_meant: impl FnMut(&Profile) -> bool,
) -> bool {
    let before = profiles.len();
    profiles.retain(|profile| !(is_meant(profile) && erase(cx, profile.slot)));
    profiles.len() < before
}

/// Erases those of a transaction of a connector. They count no more, also where one cannot be erased:
/// the next boot erases all of them.
pub fn forget_transaction(cx: &mut Context<'_>, profiles: &mut Profiles, connector: u8) {
    profiles.retain(|profile| {
        let goes = profile.is_of_transaction(connector);
        if goes {
            erase(cx, profile.slot);
        }
        !goes
    });
}

/// OCPP 1.6, 5.5: with an id, nothing else counts.
pub fn is_meant(filter: &ChargingProfileFilter, profile: &Profile) -> bool {
    if let Some(id) = filter.id {
        return profile.id == id;
    }
    filter
        .connector
        .is_none_or(|it| it == i32::from(profile.connector))
        && filter.purpose.is_none_or(|it| it == profile.purpose)
        && filter
            .stack_level
            .is_none_or(|it| it == i32::from(profile.stack_level))
}
