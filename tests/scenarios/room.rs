//! The room that all records take (docs/storage.md, "Room"): what the limits of a build say of it is
//! what is stored at most.

use std::collections::BTreeMap;

use ocpp::{
    domain::{ID_TOKEN_LENGTH, Reason},
    limits::{
        APPLICATION_SETTINGS, CACHE_ENTRIES, CHARGING_PERIODS, CHARGING_PROFILES, CONNECTORS,
        JOURNAL_SLOTS, KEY_LENGTH, LIST_LENGTH, LOCAL_LIST_ENTRIES, LOCATION_LENGTH, OBJECT_CHUNK,
        READINGS, RECORD_LENGTH, RECORDS, RECORDS_LENGTH, SECURITY_EVENTS, SETTING_LENGTH,
    },
    station::Setting,
};
use serde_json::json;

use crate::support::{Bench, MINUTE, Setup, Wiring, tx_default};

/// The longest idTag there is.
const DRIVER: &str = "04A1B2C3D4E5F6071829";

const LONGEST: &[Setting<'static>] = &[Setting::text(0, "Longest", SETTING_LENGTH, "")];

/// Bytes of the longest record of each kind that a transaction with everything has written.
fn longest() -> BTreeMap<u16, usize> {
    let mut bench = Bench::with(Setup {
        settings: LONGEST,
        ..Setup::default()
    });
    let group = json!({ "status": "Accepted", "parentIdTag": "04A1B2C3D4E5F607182A" });
    bench.know_tag(DRIVER, group);
    bench.wire_meter(1, Wiring::ThreePhase);
    bench.set("LightIntensity", "7");
    bench.set("Longest", &"x".repeat(SETTING_LENGTH));
    let change = json!({ "connectorId": 2, "type": "Inoperative" });
    bench.status_of("ChangeAvailability", change);
    let listed = |number| {
        let info = json!({ "status": "Blocked", "parentIdTag": "04A1B2C3D4E5F607182A" });
        json!({ "idTag": format!("{number:020}"), "idTagInfo": info })
    };
    let list: Vec<_> = (0..20).map(listed).collect();
    let update = json!({ "listVersion": 1, "updateType": "Full", "localAuthorizationList": list });
    bench.status_of("SendLocalList", update);
    let reservation = json!({
        "connectorId": 1,
        "expiryDate": "2027-01-01T00:00:00Z",
        "idTag": DRIVER,
        "parentIdTag": "04A1B2C3D4E5F607182A",
        "reservationId": 7,
    });
    bench.status_of("ReserveNow", reservation);
    bench.status_of("CancelReservation", json!({ "reservationId": 7 }));
    bench.charge(1, DRIVER);
    bench.advance(2 * MINUTE);
    bench.tag(1, DRIVER);
    bench.advance(MINUTE);
    bench.start(1, DRIVER);
    bench.stop(1, Reason::Local);
    let mut longest = BTreeMap::new();
    for written in bench.disk.written() {
        let length = written.record.map_or(0, |record| record.len());
        let known: &mut usize = longest.entry(written.id.0 >> 8).or_default();
        *known = length.max(*known);
    }
    longest
}

/// Bytes of the head of a charging profile with all the periods that there may be, and of each chunk.
fn longest_profile() -> (usize, Vec<usize>) {
    let mut bench = Bench::new();
    let periods: Vec<_> = (0..CHARGING_PERIODS as i32).map(|n| (n, 16.0)).collect();
    bench.take_profile(0, tx_default(1, 0).periods(&periods));
    let records = bench.disk.snapshot();
    let of = |first: u16, last: u16| {
        let records = records.iter();
        let records = records.filter(move |(id, _)| (first..=last).contains(&id.0));
        records.map(|(_, record)| record.len()).collect::<Vec<_>>()
    };
    (of(0x0600, 0x0600)[0], of(0x8000, 0x80ff))
}

/// Records of files that are transferred, and their bytes: how far both are, both requests, and the
/// chunks of one that is replaced.
fn files() -> (usize, usize) {
    if !cfg!(feature = "firmware-management") {
        return (0, 0);
    }
    let by = if cfg!(feature = "security") { 5 } else { 0 };
    let request = 37 + by + LOCATION_LENGTH;
    let chunks = request.div_ceil(OBJECT_CHUNK);
    let request = request + 4 * chunks;
    (4 + 3 * chunks, 2 * (16 + by) + 2 * 19 + 3 * request)
}

/// Certificates: those that are installed, a root that no connection was made with, and the chain of the
/// charge point, three times, and once more while one of these is replaced.
#[cfg(feature = "security")]
fn certificates() -> (usize, usize) {
    use ocpp::limits::{CERTIFICATE_CHAIN_LENGTH, CERTIFICATES};
    let (certificate, chain) = (302 + 5500, 302 + CERTIFICATE_CHAIN_LENGTH);
    let chunks = |length: usize| length.div_ceil(OBJECT_CHUNK);
    let records = (CERTIFICATES + 1) * (1 + chunks(certificate)) + 3 + 4 * chunks(chain);
    let length = (CERTIFICATES + 1) * (19 + certificate + 4 * chunks(certificate))
        + 3 * 19
        + 4 * (chain + 4 * chunks(chain));
    (records, length)
}

#[cfg(not(feature = "security"))]
fn certificates() -> (usize, usize) {
    (0, 0)
}

/// Records of the security whitepaper, and their bytes: profile and key, CpoName, events, and what
/// firmware is signed with: two objects, and one that is replaced.
fn security() -> (usize, usize) {
    if !cfg!(feature = "security") {
        return (0, 0);
    }
    let signing = 34 + LOCATION_LENGTH + 801 + 5500;
    let chunks = signing.div_ceil(OBJECT_CHUNK);
    let objects = 2 * 19 + 3 * (signing + 4 * chunks);
    let keys = 3 * (1 + KEY_LENGTH);
    let records = 3 + 40 + 1 + SETTING_LENGTH.min(64) + keys + SECURITY_EVENTS * 59;
    let (certificates, length_of_certificates) = certificates();
    (
        5 + SECURITY_EVENTS + 2 + 3 * chunks + certificates,
        records + objects + length_of_certificates,
    )
}

#[test]
fn no_record_is_longer_than_the_limits_say() {
    let longest = longest();
    let (life, number, in_service) = (longest[&0x00], longest[&0x01], longest[&0x02]);
    let (transaction, assigned_id, cache_entry) = (longest[&0x03], longest[&0x04], longest[&0x10]);
    let (setting, stop) = (longest[&0x07], longest[&0x20]);
    let reservation = longest[&0x05];
    let (head, chunk) = (longest[&0x09], longest[&0x30]);
    let list = 6 + LOCAL_LIST_ENTRIES * (11 + 2 * ID_TOKEN_LENGTH);
    let chunks = list.div_ceil(OBJECT_CHUNK);
    assert_eq!(chunk, OBJECT_CHUNK + 4);
    let (profile_head, profile_chunks) = longest_profile();
    let readings = 32 + 6 * READINGS;
    let parts = [
        (1, life),
        (22, number),
        (4, 2 * LIST_LENGTH),
        // ConnectorPhaseRotation, and for the charge point as a whole, too.
        (1, CONNECTORS + 1),
        (CONNECTORS + 1, in_service),
        (CONNECTORS, transaction),
        (CONNECTORS, assigned_id),
        (APPLICATION_SETTINGS, setting),
        (CACHE_ENTRIES, cache_entry),
        // The list, and the one that replaces it.
        (1, head),
        (2 * chunks, chunk),
        (CONNECTORS + 1, reservation),
        (JOURNAL_SLOTS, stop.max(readings)),
        // Charging profiles: their heads, and their chunks with those of one that is being replaced.
        (CHARGING_PROFILES, profile_head),
        (CHARGING_PROFILES + 1, profile_chunks[0]),
        (CHARGING_PROFILES + 1, profile_chunks[1]),
    ];
    let (count_of_files, length_of_files) = files();
    let (count_of_security, length_of_security) = security();
    assert_eq!(stop, 57, "a StopTransaction, or more readings than that");
    let count: usize = parts.iter().map(|(count, _)| count).sum();
    let length: usize = parts.iter().map(|(count, length)| count * length).sum();
    // The last chunk of each is shorter.
    let length = length - 2 * (chunks * OBJECT_CHUNK - list);
    assert_eq!(profile_chunks.len(), 2);
    assert_eq!(RECORDS, count + count_of_files + count_of_security);
    let length = length + length_of_security;
    // Those of OCPP 2.0.1 are longer: tests/v201/offline.rs.
    match cfg!(feature = "v201") {
        true => assert!(RECORDS_LENGTH > length + length_of_files),
        false => assert_eq!(RECORDS_LENGTH, length + length_of_files),
    }
    assert!(parts.iter().all(|(_, length)| *length <= RECORD_LENGTH));
}
