//! The local authorization list (OCPP 1.6, 3.5.2, 3.5.3, 5.10 and 5.15).

use ocpp::{
    domain::AuthorizationStatus::{self, Accepted, Blocked, Expired, Invalid},
    limits::{CACHE_ENTRIES, LOCAL_LIST_ENTRIES, SEND_LOCAL_LIST_ENTRIES},
    station::{Event, Input, LocalList},
    storage::{RecordId, StorageError, objects::ObjectId},
};
use serde_json::{Value, json};

use crate::support::{Bench, HOUR, SECOND, id_tag, id_tag_info};

/// The first record of the authorization cache.
const CACHE: u16 = 0x1000;

/// An entry whose idTag may charge.
pub(crate) fn good(id_tag: &str) -> Value {
    listed(id_tag, id_tag_info("Accepted"))
}

pub(crate) fn listed(id_tag: &str, info: Value) -> Value {
    json!({ "idTag": id_tag, "idTagInfo": info })
}

/// An entry that leaves the list.
pub(crate) fn gone(id_tag: &str) -> Value {
    json!({ "idTag": id_tag })
}

pub(crate) fn send(bench: &mut Bench, kind: &str, version: i32, list: &[Value]) -> String {
    let update = json!({
        "listVersion": version,
        "localAuthorizationList": list,
        "updateType": kind,
    });
    bench.status_of("SendLocalList", update)
}

pub(crate) fn full(bench: &mut Bench, version: i32, list: &[Value]) {
    assert_eq!(send(bench, "Full", version, list), "Accepted");
}

pub(crate) fn change(bench: &mut Bench, version: i32, list: &[Value]) {
    assert_eq!(send(bench, "Differential", version, list), "Accepted");
}

pub(crate) fn version(bench: &mut Bench) -> i64 {
    let answer = bench.call("GetLocalListVersion", json!({}));
    answer["listVersion"].as_i64().unwrap()
}

/// Asks for a tag; what was decided, and whether the central system was asked.
pub(crate) fn decide(bench: &mut Bench, text: &str) -> (AuthorizationStatus, bool) {
    bench.forget();
    assert_eq!(bench.input(Input::Authorize(&id_tag(text))), Ok(()));
    bench.advance(0);
    let asked = bench.order().contains(&"Authorize");
    let decided = bench.events().iter().find_map(|event| match event {
        Event::Authorization {
            connector: 0,
            status,
            ..
        } => Some(*status),
        _ => None,
    });
    (decided.expect("nothing was decided"), asked)
}

/// What the list alone says of a tag, and nothing of one that it does not have.
pub(crate) fn offline(bench: &mut Bench, text: &str) -> Option<AuthorizationStatus> {
    bench.disconnect();
    let (status, asked) = decide(bench, text);
    bench.reconnect();
    bench.forget();
    assert!(!asked);
    (status != Invalid).then_some(status)
}

pub(crate) fn pre_authorizing() -> Bench {
    let mut bench = Bench::new();
    bench.set("LocalPreAuthorize", "true");
    bench
}

/// What the central system was told of connector 0 with that error.
pub(crate) fn conflicts(bench: &mut Bench) -> Vec<Value> {
    let mut reports = bench.all_calls("StatusNotification");
    reports.retain(|report| report["errorCode"] == "LocalListConflict");
    reports
}

#[test]
fn there_is_an_empty_list_of_version_0_at_first() {
    let mut bench = Bench::new();
    assert_eq!(version(&mut bench), 0);
    assert_eq!(bench.get("LocalAuthListEnabled"), "true");
    let most = LOCAL_LIST_ENTRIES.to_string();
    assert_eq!(bench.get("LocalAuthListMaxLength"), most);
    let most = SEND_LOCAL_LIST_ENTRIES.to_string();
    assert_eq!(bench.get("SendLocalListMaxLength"), most);
    let profiles = bench.get("SupportedFeatureProfiles");
    assert!(profiles.contains("LocalAuthListManagement"), "{profiles}");
}

#[test]
fn a_full_update_replaces_all_entries() {
    let mut bench = Bench::new();
    full(&mut bench, 5, &[good("A"), good("B")]);
    assert_eq!(version(&mut bench), 5);
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
    // A full list may have any version.
    full(
        &mut bench,
        3,
        &[good("C"), listed("B", id_tag_info("Blocked"))],
    );
    assert_eq!(version(&mut bench), 3);
    assert_eq!(offline(&mut bench, "A"), None);
    assert_eq!(offline(&mut bench, "B"), Some(Blocked));
    assert_eq!(offline(&mut bench, "C"), Some(Accepted));
    let list = bench.operate(|station, _| station.local_list());
    let expected = LocalList {
        version: 3,
        entries: 2,
    };
    assert_eq!(list, expected);
}

#[test]
fn a_differential_update_adds_changes_and_removes() {
    let mut bench = Bench::new();
    full(&mut bench, 1, &[good("A"), good("B"), good("C")]);
    let changes = [
        listed("b", id_tag_info("Blocked")),
        gone("C"),
        good("D"),
        // Removing what is not there is no error.
        gone("UNHEARD-OF"),
    ];
    change(&mut bench, 2, &changes);
    assert_eq!(version(&mut bench), 2);
    let now = ["A", "B", "C", "D"].map(|tag| offline(&mut bench, tag));
    assert_eq!(now, [Some(Accepted), Some(Blocked), None, Some(Accepted)]);
    assert_eq!(bench.operate(|station, _| station.local_list()).entries, 3);
    // One that changes nothing but the version.
    change(&mut bench, 9, &[]);
    assert_eq!(version(&mut bench), 9);
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
}

#[test]
fn the_application_hears_of_an_update() {
    let mut bench = Bench::new();
    full(&mut bench, 4, &[good("A")]);
    let heard = |bench: &Bench| {
        let events = bench.events();
        let mut versions = events.iter().filter_map(|event| match event {
            Event::LocalList { version } => Some(*version),
            _ => None,
        });
        versions.next_back()
    };
    assert_eq!(heard(&bench), Some(4));
    bench.forget();
    assert_eq!(send(&mut bench, "Differential", 4, &[]), "VersionMismatch");
    assert_eq!(heard(&bench), None);
}

#[test]
fn a_differential_update_has_a_higher_version_than_the_list() {
    let mut bench = Bench::new();
    full(&mut bench, 5, &[good("A")]);
    for old in [4, 5] {
        let status = send(&mut bench, "Differential", old, &[good("B")]);
        assert_eq!(status, "VersionMismatch");
    }
    assert_eq!(version(&mut bench), 5);
    assert_eq!(offline(&mut bench, "B"), None);
}

#[test]
fn an_empty_full_list_clears() {
    let mut bench = Bench::new();
    full(&mut bench, 5, &[good("A")]);
    full(&mut bench, 6, &[]);
    assert_eq!(version(&mut bench), 0);
    assert_eq!(offline(&mut bench, "A"), None);
    // Without the field as well.
    full(&mut bench, 5, &[good("A")]);
    let update = json!({ "listVersion": 7, "updateType": "Full" });
    assert_eq!(bench.status_of("SendLocalList", update), "Accepted");
    assert_eq!(version(&mut bench), 0);
    // And a Differential that leaves none.
    full(&mut bench, 5, &[good("A")]);
    change(&mut bench, 6, &[gone("a")]);
    assert_eq!(version(&mut bench), 0);
    bench.power_loss();
    bench.reconnect();
    assert_eq!(version(&mut bench), 0);
    change(&mut bench, 1, &[good("B")]);
    assert_eq!(version(&mut bench), 1);
}

#[test]
fn what_is_wrong_with_an_update_leaves_the_list_as_it_is() {
    let mut bench = Bench::new();
    full(&mut bench, 5, &[good("A"), good("B")]);
    let before = bench.disk.snapshot();
    let cases: [(&str, i32, &[Value]); 9] = [
        // The versions of an empty list and of none (5.10).
        ("Full", 0, &[good("C")]),
        ("Full", -1, &[good("C")]),
        ("Differential", -7, &[good("C")]),
        // Twice the same idTag, whatever is said of it.
        ("Full", 6, &[good("C"), good("D"), good("C")]),
        ("Full", 6, &[good("tag"), good("TAG")]),
        ("Differential", 6, &[gone("A"), good("A")]),
        ("Differential", 6, &[gone("A"), gone("A")]),
        // 7.1 AuthorizationData: only a Differential removes.
        ("Full", 6, &[good("C"), gone("A")]),
        ("Full", 6, &[good("")]),
    ];
    for (kind, number, list) in cases {
        assert_eq!(send(&mut bench, kind, number, list), "Failed", "{list:?}");
        assert_eq!(version(&mut bench), 5);
    }
    assert_eq!(bench.disk.snapshot(), before);
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
    assert_eq!(offline(&mut bench, "C"), None);
}

#[test]
fn a_tag_that_is_too_long_in_bytes_is_refused() {
    let mut bench = Bench::new();
    let update = |id_tag: &str| {
        json!({
            "listVersion": 1,
            "localAuthorizationList": [good("A"), good(id_tag)],
            "updateType": "Full",
        })
    };
    let code = bench.call_error("SendLocalList", update(&"é".repeat(11)));
    assert_eq!(code, "PropertyConstraintViolation");
    assert_eq!(version(&mut bench), 0);
    let status = bench.status_of("SendLocalList", update(&"é".repeat(10)));
    assert_eq!(status, "Accepted");
    let parent = json!({ "status": "Accepted", "parentIdTag": "é".repeat(11) });
    let status = send(&mut bench, "Full", 2, &[listed("A", parent)]);
    assert_eq!(status, "Failed");
}

#[test]
fn no_request_and_no_list_is_longer_than_the_keys_say() {
    let mut bench = Bench::new();
    let tags = |from: usize, count: usize| {
        let tags = (from..from + count).map(|number| good(&format!("TAG-{number}")));
        tags.collect::<Vec<_>>()
    };
    let too_many = tags(0, SEND_LOCAL_LIST_ENTRIES + 1);
    assert_eq!(send(&mut bench, "Full", 1, &too_many), "Failed");
    assert_eq!(version(&mut bench), 0);
    let (mut filled, mut number) = (0, 0);
    while filled < LOCAL_LIST_ENTRIES {
        let count = SEND_LOCAL_LIST_ENTRIES.min(LOCAL_LIST_ENTRIES - filled);
        number += 1;
        change(&mut bench, number, &tags(filled, count));
        filled += count;
    }
    let more = send(&mut bench, "Differential", number + 1, &tags(filled, 1));
    assert_eq!(more, "Failed");
    assert_eq!(version(&mut bench), i64::from(number));
    // One for another fits.
    let instead = [gone("TAG-0"), good("NEW")];
    change(&mut bench, number + 1, &instead);
    assert_eq!(offline(&mut bench, "TAG-0"), None);
    let last = format!("tag-{}", filled - 1);
    assert_eq!(offline(&mut bench, &last), Some(Accepted));
    assert_eq!(offline(&mut bench, "NEW"), Some(Accepted));
    bench.power_loss();
    bench.reconnect();
    assert_eq!(version(&mut bench), i64::from(number) + 1);
    assert_eq!(offline(&mut bench, &last), Some(Accepted));
}

#[test]
fn switched_off_there_is_no_list() {
    let mut bench = pre_authorizing();
    full(&mut bench, 5, &[good("A")]);
    bench.set("LocalAuthListEnabled", "false");
    assert_eq!(version(&mut bench), -1);
    assert_eq!(send(&mut bench, "Full", 6, &[good("B")]), "NotSupported");
    assert_eq!(offline(&mut bench, "A"), None);
    assert_eq!(decide(&mut bench, "A"), (Accepted, true));
    // What was said meanwhile makes room for the list again.
    bench.set("LocalAuthListEnabled", "true");
    assert!(!bench.disk.snapshot().contains_key(&RecordId(CACHE)));
    assert_eq!(version(&mut bench), 5);
    assert_eq!(decide(&mut bench, "A"), (Accepted, false));
}

#[test]
fn start_from_the_local_list() {
    let mut bench = pre_authorizing();
    full(&mut bench, 1, &[good("A")]);
    bench.forget();
    bench.plug(1);
    bench.tag(1, "a");
    bench.expect_status(1, "Preparing");
    bench.expect_call("StartTransaction");
    bench.expect_status(1, "Charging");
}

#[test]
fn without_pre_authorization_the_central_system_is_asked_all_the_same() {
    let mut bench = Bench::new();
    full(&mut bench, 1, &[good("A")]);
    assert_eq!(decide(&mut bench, "A"), (Accepted, true));
}

#[test]
fn who_may_not_charge_by_the_list_is_asked_for() {
    let mut bench = pre_authorizing();
    full(&mut bench, 1, &[listed("A", id_tag_info("Blocked"))]);
    assert_eq!(decide(&mut bench, "A"), (Accepted, true));
}

#[test]
fn offline_the_list_decides_where_it_may() {
    for (allowed, decision) in [("true", Accepted), ("false", Invalid)] {
        let mut bench = Bench::new();
        bench.set("LocalAuthorizeOffline", allowed);
        full(&mut bench, 1, &[good("A")]);
        bench.disconnect();
        assert_eq!(decide(&mut bench, "A"), (decision, false));
    }
}

#[test]
fn offline_an_unknown_tag_may_charge_and_a_listed_one_that_is_not_good_may_not() {
    let mut bench = Bench::new();
    bench.set("AllowOfflineTxForUnknownId", "true");
    let until = bench.utc_at(HOUR);
    let expires = json!({ "status": "Accepted", "expiryDate": until });
    let list = [
        listed("BLOCKED", id_tag_info("Blocked")),
        listed("INVALID", id_tag_info("Invalid")),
        listed("CONCURRENT", id_tag_info("ConcurrentTx")),
        listed("EXPIRES", expires),
    ];
    full(&mut bench, 1, &list);
    bench.disconnect();
    assert_eq!(decide(&mut bench, "UNKNOWN").0, Accepted);
    assert_eq!(decide(&mut bench, "BLOCKED").0, Blocked);
    assert_eq!(decide(&mut bench, "INVALID").0, Invalid);
    assert_eq!(decide(&mut bench, "CONCURRENT").0, Accepted);
    assert_eq!(decide(&mut bench, "EXPIRES").0, Accepted);
    bench.advance(HOUR + SECOND);
    assert_eq!(decide(&mut bench, "EXPIRES").0, Expired);
}

#[test]
fn a_transaction_is_ended_by_the_group_that_the_list_knows() {
    let mut bench = pre_authorizing();
    let group = json!({ "status": "Accepted", "parentIdTag": "GROUP" });
    let other = json!({ "status": "Accepted", "parentIdTag": "OTHERS" });
    let list = [
        listed("A", group.clone()),
        listed("B", group.clone()),
        listed("C", other),
    ];
    full(&mut bench, 1, &list);
    bench.know_tag("A", group);
    bench.charge(1, "A");
    bench.disconnect();
    bench.tag(1, "C");
    assert!(bench.is_charging(1));
    bench.tag(1, "B");
    bench.advance(SECOND);
    assert!(!bench.is_charging(1));
}

#[test]
fn the_list_comes_before_the_cache_and_its_tags_are_not_in_the_cache() {
    let mut bench = Bench::new();
    for tag in ["A", "B", "C"] {
        decide(&mut bench, tag);
    }
    let cached = |bench: &Bench| {
        let records = bench.disk.snapshot();
        let cached = records.keys().filter(|id| id.0 & 0xf000 == CACHE);
        cached.count()
    };
    assert_eq!(cached(&bench), 3);
    let list = [listed("A", id_tag_info("Blocked")), good("X")];
    full(&mut bench, 1, &list);
    assert_eq!(cached(&bench), 2);
    assert_eq!(offline(&mut bench, "A"), Some(Blocked));
    assert_eq!(offline(&mut bench, "B"), Some(Accepted));
    assert_eq!(offline(&mut bench, "C"), Some(Accepted));
    decide(&mut bench, "X");
    bench.start(1, "X");
    assert_eq!(cached(&bench), 2);
    bench.power_loss();
    bench.reconnect();
    assert_eq!(offline(&mut bench, "C"), Some(Accepted));
    // What leaves the list is asked for again.
    change(&mut bench, 2, &[gone("A")]);
    assert_eq!(offline(&mut bench, "A"), None);
}

#[test]
fn a_cache_that_is_full_gives_way_to_the_list() {
    let mut bench = Bench::new();
    for number in 0..CACHE_ENTRIES {
        decide(&mut bench, &format!("TAG-{number}"));
    }
    let list = [good("TAG-0"), good("TAG-7")];
    full(&mut bench, 1, &list);
    bench.power_loss();
    bench.reconnect();
    let last = format!("TAG-{}", CACHE_ENTRIES - 1);
    full(&mut bench, 2, &[]);
    for (tag, expected) in [
        ("TAG-0", None),
        ("TAG-7", None),
        ("TAG-1", Some(Accepted)),
        (last.as_str(), Some(Accepted)),
    ] {
        assert_eq!(offline(&mut bench, tag), expected, "{tag}");
    }
}

#[test]
fn clear_cache_leaves_the_list() {
    let mut bench = Bench::new();
    full(&mut bench, 1, &[good("A")]);
    assert_eq!(bench.status_of("ClearCache", json!({})), "Accepted");
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
}

#[test]
fn the_list_survives_a_power_loss_with_its_version() {
    let mut bench = Bench::new();
    let group = json!({ "status": "Accepted", "parentIdTag": "GROUP" });
    let list = [listed("A", group), listed("B", id_tag_info("Expired"))];
    full(&mut bench, 2_147_483_647, &list);
    bench.power_loss();
    bench.reconnect();
    assert_eq!(version(&mut bench), 2_147_483_647);
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
    assert_eq!(offline(&mut bench, "B"), Some(Expired));
}

#[test]
fn an_update_that_storage_does_not_take_has_failed() {
    let mut bench = Bench::new();
    full(&mut bench, 5, &[good("A")]);
    let long: Vec<_> = (0..20).map(|n| good(&format!("TAG-{n}"))).collect();
    for writes in 0..4 {
        bench.disk.fail_after(writes);
        assert_eq!(send(&mut bench, "Full", 6, &long), "Failed", "{writes}");
        bench.disk.fail(false);
        let failed = Event::StorageFailed(StorageError::Failed);
        assert!(bench.events().contains(&failed));
        assert_eq!(version(&mut bench), 5);
        assert_eq!(offline(&mut bench, "A"), Some(Accepted));
        assert_eq!(offline(&mut bench, "TAG-1"), None);
    }
    bench.disk.leave(300);
    assert_eq!(send(&mut bench, "Differential", 6, &long), "Failed");
    assert_eq!(version(&mut bench), 5);
    bench.disk.limit(usize::MAX);
    change(&mut bench, 6, &long);
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
    assert_eq!(offline(&mut bench, "TAG-1"), Some(Accepted));
}

#[test]
fn a_damaged_list_is_none_until_a_full_one_comes() {
    let mut bench = Bench::new();
    full(&mut bench, 5, &[good("A"), good("B")]);
    let head = ObjectId::LOCAL_LIST.head();
    let records = bench.disk.snapshot();
    let chunk = records.keys().find(|id| id.0 & 0xf000 == 0x3000);
    for damaged in [head, *chunk.unwrap()] {
        full(&mut bench, 5, &[good("A"), good("B")]);
        full(&mut bench, 5, &[good("A"), good("B")]);
        bench.power_off();
        bench.disk.damage(damaged);
        bench.power_on();
        assert!(bench.events().contains(&Event::RecordSkipped(head)));
        bench.reconnect();
        assert_eq!(version(&mut bench), 0);
        assert_eq!(offline(&mut bench, "A"), None);
        // What it builds upon is not known.
        assert_eq!(send(&mut bench, "Differential", 6, &[good("C")]), "Failed");
        full(&mut bench, 6, &[good("C")]);
        assert_eq!(version(&mut bench), 6);
        assert_eq!(offline(&mut bench, "C"), Some(Accepted));
        bench.power_loss();
        bench.reconnect();
        assert_eq!(version(&mut bench), 6);
    }
}

#[test]
fn a_tag_with_escapes_is_the_same_tag() {
    let mut bench = Bench::new();
    let frame = br#"[2,"x","SendLocalList",{"listVersion":1,"updateType":"Full",
        "localAuthorizationList":[{"idTag":"\u0041B","idTagInfo":{"status":"Accepted"}},
        {"idTag":"AC","idTagInfo":{"status":"Accepted","parentIdTag":""}}]}]"#;
    bench.odd_frame(Input::Frame(frame), "x");
    assert_eq!(version(&mut bench), 1);
    assert_eq!(offline(&mut bench, "ab"), Some(Accepted));
    let twice = br#"[2,"x","SendLocalList",{"listVersion":2,"updateType":"Full",
        "localAuthorizationList":[{"idTag":"AB","idTagInfo":{"status":"Accepted"}},
        {"idTag":"a\u0062","idTagInfo":{"status":"Accepted"}}]}]"#;
    bench.odd_frame(Input::Frame(twice), "x");
    assert_eq!(version(&mut bench), 1);
}
