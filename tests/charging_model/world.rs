//! One set of profiles: made, sent, and looked at.

use std::{
    fmt::{self, Display, Formatter},
    sync::atomic::{AtomicU64, Ordering},
};

use ocpp::{
    domain::{ConnectorType, Equipment, Evse},
    limits::TX_MIN,
    station::Memory,
    wire::timestamp,
};
use serde_json::{Value, json};

use crate::{
    model::{Hardware, Kind, Model, Period, Profile, Purpose, Unit},
    random::Random,
    station::{Driven, Store},
};

const CONNECTORS: u8 = 3;
const SINGLE: [Evse; 3] = [Evse {
    supply_phases: 1,
    power: 3_680,
    connector: ConnectorType::SocketType2,
}; 3];
const WIDE: [Evse; 3] = [Evse {
    supply_phases: 3,
    power: 43_470,
    connector: ConnectorType::SocketType2,
}; 3];
/// 2026-03-01T00:00:00Z, a Sunday.
const SUNDAY: i64 = 1_772_323_200;

/// What was looked at.
#[derive(Debug, Default)]
pub struct Counts {
    profiles: AtomicU64,
    moments: AtomicU64,
    changes: AtomicU64,
    schedules: AtomicU64,
    periods: AtomicU64,
}

impl Counts {
    /// Sets that say nothing test nothing.
    pub fn is_worth_it(&self, sets: u64) -> bool {
        let [_, moments, changes, schedules, periods] = self.numbers();
        moments > 100 * sets
            && changes > 2 * sets
            && schedules >= 3 * sets
            && periods > 2 * schedules
    }

    fn numbers(&self) -> [u64; 5] {
        [
            &self.profiles,
            &self.moments,
            &self.changes,
            &self.schedules,
            &self.periods,
        ]
        .map(|it| it.load(Ordering::Relaxed))
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [profiles, moments, changes, schedules, periods] = self.numbers();
        write!(
            f,
            "{profiles} profiles, {moments} limits, {changes} changes, {schedules} composite \
             schedules of {periods} periods"
        )
    }
}

fn add(to: &AtomicU64, count: usize) {
    to.fetch_add(count as u64, Ordering::Relaxed);
}

/// Makes a set and compares.
pub fn check(random: &mut Random, what: &str, counts: &Counts) {
    // All times are on a grid, so that looking at each point of it misses nothing.
    let grid = random.one_of(&[1, 60, 900, 3_600]);
    let (equipment, hardware) = match random.below(3) {
        0 => (
            Equipment::new(&SINGLE),
            Hardware {
                phases: 1,
                current: 160,
                switches: false,
            },
        ),
        1 => (
            Equipment::new(&WIDE).switches_phases(true),
            Hardware {
                phases: 3,
                current: 630,
                switches: true,
            },
        ),
        _ => (
            Equipment::new(&[]),
            Hardware {
                phases: 3,
                current: 320,
                switches: false,
            },
        ),
    };
    // Near midnight or the end of a week, where turns begin.
    let days = random.between(0, 20) * 86_400;
    let begin = (SUNDAY + days) / grid * grid + random.between(-50, 50) * grid;
    let millis = if grid == 1 { random.between(0, 999) } else { 0 };

    let (mut store, mut memory) = (Store::new(), Box::new(Memory::new()));
    let mut tx = [0; TX_MIN];
    let mut model = Model {
        profiles: vec![],
        connectors: CONNECTORS,
        hardware,
        running: vec![],
    };
    let epoch = begin * 1_000 + millis;
    let restarts = random.one_in(8);
    let mut station = Driven::power_up(
        &mut store,
        &mut memory,
        &mut tx,
        equipment,
        CONNECTORS,
        epoch,
    );
    for connector in 1..=CONNECTORS {
        if !restarts && random.one_in(2) {
            let now = station.now + random.below(5) * grid as u64 * 1_000;
            station.advance_to(now);
            station.begin(connector);
            model.running.push((connector, station.utc()));
        }
    }
    let now = station.now + random.below(5) * grid as u64 * 1_000;
    station.advance_to(now);
    for _ in 0..random.between(1, 9) {
        let profile = profile(random, &model, begin, grid);
        let request =
            json!({ "connectorId": profile.connector, "csChargingProfiles": json_of(&profile) });
        let answer = station.ask("SetChargingProfile", &request);
        assert_eq!(answer["status"], "Accepted", "{what}: {request}");
        model.install(profile);
        add(&counts.profiles, 1);
    }
    if restarts {
        let epoch = station.utc();
        drop(station);
        station = Driven::power_up(
            &mut store,
            &mut memory,
            &mut tx,
            equipment,
            CONNECTORS,
            epoch,
        );
    }
    for connector in 0..=CONNECTORS {
        let unit = random.one_of(&[Unit::A, Unit::W]);
        let length = random.between(0, 100);
        compare_composite(
            &mut station,
            &model,
            connector,
            unit,
            length,
            grid,
            what,
            counts,
        );
    }
    watch(
        &mut station,
        &model,
        random.between(10, 50),
        grid,
        what,
        counts,
    );
}

/// A profile that is accepted.
fn profile(random: &mut Random, model: &Model, begin: i64, grid: i64) -> Profile {
    let purpose = match random.below(6) {
        0 | 1 => Purpose::Max,
        2 if !model.running.is_empty() => Purpose::Tx,
        3 if !model.running.is_empty() => Purpose::Tx,
        _ => Purpose::Default,
    };
    let connector = match purpose {
        Purpose::Max => 0,
        Purpose::Default => random.below(u64::from(CONNECTORS) + 1) as u8,
        Purpose::Tx => random.one_of(&model.running).0,
    };
    let kind = match random.below(5) {
        0 | 1 => Kind::Absolute,
        2 => Kind::Daily,
        3 => Kind::Weekly,
        _ if purpose == Purpose::Max => Kind::Daily,
        _ => Kind::Relative,
    };
    let moment = |random: &mut Random| (begin + random.between(-60, 120) * grid) * 1_000;
    let mut start = moment(random);
    if matches!(kind, Kind::Daily | Kind::Weekly) {
        // Also long before, and long after.
        start += random.between(-20, 20) * 86_400_000;
    }
    let valid_from = random.maybe(4, moment);
    let valid_to = random.maybe(4, moment);
    let valid_to = valid_to.filter(|to| valid_from.is_none_or(|from| from < *to));
    let unit = random.one_of(&[Unit::A, Unit::A, Unit::W]);
    let mut at = 0;
    let count = random.one_of(&[1, 1, 2, 3, 5, 12, 24]);
    let periods = (0..count)
        .map(|_| {
            let start = at;
            at += random.between(1, 20) * grid;
            let limit = match (unit, random.below(5)) {
                (_, 0) => 0,
                (Unit::A, 1) => random.between(50, 70) as u64,
                (Unit::A, _) => random.between(0, 700) as u64,
                (Unit::W, 1) => random.between(10_000, 60_000) as u64,
                (Unit::W, _) => random.between(0, 500_000) as u64,
            };
            let phases = random.maybe(3, |random| random.between(1, 3) as u64);
            Period {
                start,
                limit,
                phases,
            }
        })
        .collect();
    Profile {
        id: random.between(1, 40),
        connector,
        level: random.between(0, 4),
        purpose,
        kind,
        start,
        duration: random.maybe(2, |random| random.between(0, 80) * grid),
        valid_from,
        valid_to,
        unit,
        periods,
    }
}

fn json_of(profile: &Profile) -> Value {
    let time = |millis| String::from_utf8(timestamp::format(millis).to_vec()).unwrap();
    let purpose = match profile.purpose {
        Purpose::Max => "ChargePointMaxProfile",
        Purpose::Default => "TxDefaultProfile",
        Purpose::Tx => "TxProfile",
    };
    let (kind, recurrency) = match profile.kind {
        Kind::Absolute => ("Absolute", None),
        Kind::Daily => ("Recurring", Some("Daily")),
        Kind::Weekly => ("Recurring", Some("Weekly")),
        Kind::Relative => ("Relative", None),
    };
    let periods: Vec<_> = profile
        .periods
        .iter()
        .map(|it| {
            let mut period = json!({ "startPeriod": it.start, "limit": it.limit as f64 / 10.0 });
            if let Some(phases) = it.phases {
                period["numberPhases"] = phases.into();
            }
            period
        })
        .collect();
    let mut schedule = json!({
        "chargingRateUnit": if profile.unit == Unit::A { "A" } else { "W" },
        "chargingSchedulePeriod": periods,
    });
    if profile.kind != Kind::Relative {
        schedule["startSchedule"] = time(profile.start).into();
    }
    if let Some(duration) = profile.duration {
        schedule["duration"] = duration.into();
    }
    let mut profile_json = json!({
        "chargingProfileId": profile.id,
        "stackLevel": profile.level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule,
    });
    for (name, value) in [
        ("recurrencyKind", recurrency.map(str::to_owned)),
        ("validFrom", profile.valid_from.map(time)),
        ("validTo", profile.valid_to.map(time)),
    ] {
        if let Some(value) = value {
            profile_json[name] = value.into();
        }
    }
    profile_json
}

#[allow(clippy::too_many_arguments)]
fn compare_composite(
    station: &mut Driven<'_>,
    model: &Model,
    connector: u8,
    unit: Unit,
    length: i64,
    grid: i64,
    what: &str,
    counts: &Counts,
) {
    let duration = length * grid;
    let ask = json!({
        "connectorId": connector,
        "duration": duration,
        "chargingRateUnit": if unit == Unit::A { "A" } else { "W" },
    });
    let answer = station.ask("GetCompositeSchedule", &ask);
    let periods = answer["chargingSchedule"]["chargingSchedulePeriod"].as_array();
    let periods = periods.unwrap_or_else(|| panic!("{what}: {answer}"));
    let told: Vec<_> = periods
        .iter()
        .map(|it| {
            let limit = (it["limit"].as_f64().unwrap() * 10.0).round() as u64;
            (
                it["startPeriod"].as_i64().unwrap(),
                limit,
                it["numberPhases"].as_u64(),
            )
        })
        .collect();
    let start = station.utc().div_euclid(1_000) * 1_000;
    let mut expected: Vec<(i64, u64, Option<u64>)> = Vec::new();
    for point in 0..length.max(1) {
        let second = point * grid;
        let (amount, phases) = model.composite(connector, unit, start + second * 1_000, start);
        if expected
            .last()
            .is_none_or(|last| (last.1, last.2) != (amount, phases))
        {
            expected.push((second, amount, phases));
        }
    }
    assert_eq!(
        told, expected,
        "{what}, connector {connector}, {unit:?}: {model:#?}"
    );
    assert_eq!(answer["chargingSchedule"]["duration"], duration);
    add(&counts.schedules, 1);
    add(&counts.periods, told.len());
}

/// Looks at the limits of each point of the grid, and at what the application was told.
fn watch(
    station: &mut Driven<'_>,
    model: &Model,
    points: i64,
    grid: i64,
    what: &str,
    counts: &Counts,
) {
    let numbers = 0..=CONNECTORS;
    let at = |utc| {
        numbers
            .clone()
            .map(|n| model.told(n, utc))
            .collect::<Vec<_>>()
    };
    let mut known = at(station.utc());
    for point in 0..points {
        if point > 0 {
            station.told.clear();
            let now = station.now + grid as u64 * 1_000;
            // Just before, nothing has changed yet.
            station.advance_to(now);
        }
        let expected = at(station.utc());
        let found: Vec<_> = numbers.clone().map(|n| station.limit(n)).collect();
        let told = numbers.clone().zip(&found);
        let told: Vec<_> = told
            .filter_map(|(number, told)| Some((number, (*told)?)))
            .collect();
        let excess = model.excess(station.utc(), &told);
        assert_eq!(excess, None, "{what}, point {point}: {told:?}, {model:#?}");
        assert_eq!(
            found,
            expected,
            "{what}, point {point}, {}: {model:#?}",
            station.utc()
        );
        add(&counts.moments, found.len());
        if point == 0 {
            continue;
        }
        for number in numbers.clone() {
            let place = usize::from(number);
            let told: Vec<_> = station.told.iter().filter(|it| it.1 == number).collect();
            let changes = known[place] != expected[place];
            add(&counts.changes, usize::from(changes));
            // Times of profiles are whole seconds, which may lie between two points; what is told then
            // is told once for each change.
            assert!(
                told.len() >= usize::from(changes),
                "{what}, {number} was not told"
            );
            assert!(
                millis_match(station, &told, grid),
                "{what}, {number}: told late: {told:?}"
            );
        }
        known = expected;
    }
}

/// True where each was told at a point of the grid, which all changes are at.
fn millis_match(station: &Driven<'_>, told: &[&(i64, u8)], grid: i64) -> bool {
    grid == 1
        || told
            .iter()
            .all(|(at, _)| (at - station.utc()) % (grid * 1_000) == 0)
}
