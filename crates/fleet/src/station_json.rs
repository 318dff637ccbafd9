//! What a station tells of itself as JSON, as the panel shows it. The simulator compiles this file once
//! more: its engine is built with other capacities (docs/fleet.md).

use serde_json::{Map, Value, json};

use crate::engine::{
    Version,
    domain::{ChargingProfilePurpose, ChargingRateUnit, TransactionId},
    limits::{JOURNAL_SLOTS, LOCAL_LIST_ENTRIES},
    station::{Key, Mutability, QueuedKind, QueuedMessage, Refused, Station, TransactionState},
    wire::{UnixMillis, timestamp},
};

/// Bytes of the longest composite schedule: see `Station::composite_schedule`.
const LONGEST_SCHEDULE: usize = 64 * 1024;
/// Bytes of the longest value of a key: see `Station::configuration_text`.
const LONGEST_VALUE: usize = 4096;

pub fn version_name(version: Version) -> &'static str {
    match version {
        Version::V16 => "1.6",
        Version::V201 => "2.0.1",
    }
}

/// How far a transaction is.
pub fn state_name(state: TransactionState) -> &'static str {
    match state {
        TransactionState::Started => "started",
        TransactionState::Accepted => "accepted",
        TransactionState::Refused => "refused",
        TransactionState::Stopped => "stopped",
        TransactionState::Reported => "reported",
    }
}

/// Why the engine refuses something, for the user.
pub fn in_words(refused: Refused) -> &'static str {
    match refused {
        Refused::UnknownConnector => "there is no such connector",
        Refused::BadLength => "it is empty or too long",
        Refused::OutOfService => "the connector is out of service or broken",
        Refused::Occupied => "the connector is occupied",
        Refused::NoTransaction => "there is no transaction",
        Refused::Unexpected => "nobody asked",
        Refused::Offline => "the central system cannot be reached or has not accepted yet",
        Refused::Busy => "an idTag is being authorized",
        Refused::Full => "there is no room to store it",
        Refused::Resetting => "a reset is under way",
    }
}

/// A number where the central system gives one, a text where the station does, null for none.
pub fn transaction_id(id: Option<TransactionId>) -> Value {
    id.map_or(Value::Null, |id| match id {
        TransactionId::Number(number) => json!(number),
        own @ TransactionId::Own { .. } => json!(own.to_string()),
    })
}

/// What the engine knows of a connector, or of the whole charge point as connector 0; times count
/// from `booted_at` on.
pub fn connector(station: &Station<'_>, number: u8, booted_at: u64) -> Map<String, Value> {
    let condition = station.condition(number);
    let limit = station.charging_limit(number).map(|limit| {
        let current = f64::from(limit.deciamperes) / 10.0;
        json!({ "watts": limit.watts, "current": current, "phases": limit.phases })
    });
    let reservation = station.reservation(number);
    let mut shown = vec![
        ("connector", json!(number)),
        (
            "status",
            json!(condition.map(|(status, _)| status.as_str())),
        ),
        (
            "errorCode",
            json!(condition.map(|(_, error)| error.as_str())),
        ),
        ("info", json!(station.fault_info(number))),
        ("limit", json!(limit)),
        ("reservationId", json!(reservation.as_ref().map(|it| it.id))),
        (
            "reservedFor",
            json!(reservation.as_ref().map(|it| it.id_tag)),
        ),
    ];
    if number > 0 {
        let transaction = station.transaction(number);
        let running = transaction.as_ref();
        shown.extend([
            (
                "transactionId",
                transaction_id(running.and_then(|it| it.transaction_id)),
            ),
            ("idTag", json!(running.map(|it| it.id_tag))),
            ("meterStart", json!(running.map(|it| it.meter_start))),
            (
                "startedAt",
                json!(running.map(|it| booted_at + it.started_at)),
            ),
            ("awaited", json!(station.awaited(number))),
        ]);
    }
    let named = shown.into_iter();
    named
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// All keys of the engine.
pub fn keys(station: &Station<'_>) -> Vec<Value> {
    let keys = Key::ALL.iter();
    keys.map(|&key| key_shown(key.name(), key.mutability(), key_value(station, key)))
        .collect()
}

/// The value of a key as GetConfiguration answers it.
pub fn key_value(station: &Station<'_>, key: Key) -> String {
    let mut buffer = [0; LONGEST_VALUE];
    let value = station.configuration_text(key, &mut buffer);
    value.unwrap_or_default().to_owned()
}

pub fn key_shown(name: &str, mutability: Mutability, value: String) -> Value {
    let is_secret = mutability == Mutability::WriteOnly;
    json!({
        "key": name,
        "value": (!is_secret).then_some(value),
        "readonly": mutability == Mutability::ReadOnly,
    })
}

/// Messages that wait for the central system; `told_at` makes of the station's time what is told.
pub fn queue(station: &Station<'_>, told_at: impl Fn(u64) -> u64) -> Value {
    let (mut messages, mut last) = (Vec::new(), 0);
    while let Some(message) = station.queued_after(last) {
        last = message.sequence;
        messages.push(message_shown(&message));
    }
    let queue = station.queue();
    json!({
        "messages": messages,
        "waiting": queue.messages,
        "free": queue.free,
        "capacity": JOURNAL_SLOTS,
        "attempts": queue.attempts,
        "retryAt": queue.retry_at.map(told_at),
    })
}

fn message_shown(message: &QueuedMessage) -> Value {
    let kind = match message.kind {
        QueuedKind::Start => "start",
        QueuedKind::Values => "values",
        QueuedKind::StopValues => "stopValues",
        QueuedKind::Stop => "stop",
    };
    json!({
        "sequence": message.sequence,
        "kind": kind,
        "connector": message.connector,
        "transaction": message.transaction,
    })
}

/// Reservations of a station with so many connectors.
pub fn reservations(station: &Station<'_>, connectors: u8) -> Value {
    let all = (0..=connectors).filter_map(|connector| {
        let reserved = station.reservation(connector)?;
        Some(json!({
            "connector": connector,
            "reservationId": reserved.id,
            "idTag": reserved.id_tag,
            "parentIdTag": reserved.parent,
            "expiryDate": time(reserved.expires),
        }))
    });
    all.collect()
}

/// The local authorization list. The error is for the user.
pub fn local_list(station: &mut Station<'_>) -> Result<Value, String> {
    let list = station.local_list();
    let (mut entries, mut place) = (Vec::new(), 0);
    while let Some(listed) = station
        .listed(place)
        .map_err(|error| format!("the list cannot be read: {error}"))?
    {
        entries.push(json!({
            "idTag": listed.id_tag.as_str(),
            "status": listed.status.as_str(),
            "expiryDate": listed.expires.map(time),
            "parentIdTag": listed.parent.as_ref().map(|parent| parent.as_str()),
        }));
        place += 1;
    }
    Ok(json!({
        "version": list.version,
        "entries": entries,
        "capacity": LOCAL_LIST_ENTRIES,
    }))
}

/// Charging profiles, called as the version calls them.
pub fn profiles(station: &Station<'_>, version: Version) -> Value {
    let profiles = station.charging_profiles().map(|profile| {
        json!({
            "chargingProfileId": profile.id,
            "connector": profile.connector,
            "purpose": purpose_name(profile.purpose, version),
            "stackLevel": profile.stack_level,
        })
    });
    profiles.collect()
}

/// As the version calls it (OCPP 1.6, 7.10 ChargingProfilePurposeType).
fn purpose_name(purpose: ChargingProfilePurpose, version: Version) -> &'static str {
    match (purpose, version) {
        (ChargingProfilePurpose::StationMax, Version::V16) => "ChargePointMaxProfile",
        _ => purpose.as_str(),
    }
}

/// The composite schedule of so many seconds in one form for both versions of OCPP, as 1.6 has it. `None`
/// before the central system has told the time.
pub fn schedule(
    station: &mut Station<'_>,
    connector: u8,
    duration: u32,
    unit: ChargingRateUnit,
) -> Option<Value> {
    let mut buffer = vec![0; LONGEST_SCHEDULE];
    let schedule = station.composite_schedule(connector, unit, duration, &mut buffer);
    let mut told: Value = schedule.and_then(|text| serde_json::from_str(text).ok())?;
    let part = ["chargingSchedule", "schedule"]
        .into_iter()
        .find_map(|name| told.get_mut(name).map(Value::take))
        .unwrap_or_default();
    let start = part.get("startSchedule").or(part.get("scheduleStart"));
    Some(json!({
        "connector": connector,
        "start": start,
        "duration": part.get("duration"),
        "unit": unit.as_str(),
        "periods": part.get("chargingSchedulePeriod"),
    }))
}

/// Said where there is no [`schedule`].
pub const NO_SCHEDULE: &str = "no schedule can be told before the central system has told the time";

fn time(utc: UnixMillis) -> String {
    String::from_utf8_lossy(&timestamp::format(utc)).into_owned()
}
