//! Every request of the central system, every field of it, every fault it can have.

use serde_json::{Value, json};

use crate::run::{Case, Outcome::Error};

/// What a field holds, as far as faults depend on it.
#[derive(Clone, Copy)]
enum Holds {
    /// In 32 bits.
    Integer,
    /// In 64 bits.
    Long,
    Number,
    /// A string of at most that many characters.
    Text(usize),
    /// A string of any length.
    LongText,
    Choice,
    Time,
    Object,
    /// A list of strings of at most that many characters.
    Texts(usize),
    Objects,
}

use Holds::{Choice, Integer, Long, LongText, Number, Object, Objects, Text, Texts, Time};

/// Place of a field (a JSON pointer), whether it must be there, what it holds.
type Field = (&'static str, bool, Holds);

/// The fields of a charging profile that is the field with that name.
macro_rules! profile {
    ($name:literal) => {
        &[
            (concat!($name, "/chargingProfileId"), true, Integer),
            (concat!($name, "/transactionId"), false, Long),
            (concat!($name, "/stackLevel"), true, Integer),
            (concat!($name, "/chargingProfilePurpose"), true, Choice),
            (concat!($name, "/chargingProfileKind"), true, Choice),
            (concat!($name, "/recurrencyKind"), false, Choice),
            (concat!($name, "/validFrom"), false, Time),
            (concat!($name, "/validTo"), false, Time),
            (concat!($name, "/chargingSchedule"), true, Object),
            (concat!($name, "/chargingSchedule/duration"), false, Integer),
            (
                concat!($name, "/chargingSchedule/startSchedule"),
                false,
                Time,
            ),
            (
                concat!($name, "/chargingSchedule/chargingRateUnit"),
                true,
                Choice,
            ),
            (
                concat!($name, "/chargingSchedule/minChargingRate"),
                false,
                Number,
            ),
            (
                concat!($name, "/chargingSchedule/chargingSchedulePeriod"),
                true,
                Objects,
            ),
            (
                concat!(
                    $name,
                    "/chargingSchedule/chargingSchedulePeriod/0/startPeriod"
                ),
                true,
                Integer,
            ),
            (
                concat!($name, "/chargingSchedule/chargingSchedulePeriod/0/limit"),
                true,
                Number,
            ),
            (
                concat!(
                    $name,
                    "/chargingSchedule/chargingSchedulePeriod/0/numberPhases"
                ),
                false,
                Integer,
            ),
        ]
    };
}

const PROFILE: &[Field] = profile!("/chargingProfile");
const SET_PROFILE: &[Field] = profile!("/csChargingProfiles");

/// A good request of each action, with its fields.
fn requests() -> Vec<(&'static str, Value, Vec<Field>)> {
    let start = json!({
        "connectorId": 1,
        "idTag": "TAG",
        "chargingProfile": {
            "chargingProfileId": 1,
            "transactionId": 5,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Recurring",
            "recurrencyKind": "Daily",
            "validFrom": "2026-01-01T00:00:00Z",
            "validTo": "2027-01-01T00:00:00Z",
            "chargingSchedule": {
                "duration": 3600,
                "startSchedule": "2026-01-01T00:00:00Z",
                "chargingRateUnit": "A",
                "minChargingRate": 6.0,
                "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": 16.0, "numberPhases": 3 }],
            },
        },
    });
    let mut profile = start["chargingProfile"].clone();
    profile["chargingProfilePurpose"] = json!("TxDefaultProfile");
    let set = json!({ "connectorId": 1, "csChargingProfiles": profile });
    let set_fields: &[Field] = &[
        ("/connectorId", true, Integer),
        ("/csChargingProfiles", true, Object),
    ];
    let start_fields: &[Field] = &[
        ("/connectorId", false, Integer),
        ("/idTag", true, Text(20)),
        ("/chargingProfile", false, Object),
    ];
    vec![
        (
            "ChangeAvailability",
            json!({ "connectorId": 1, "type": "Inoperative" }),
            vec![("/connectorId", true, Integer), ("/type", true, Choice)],
        ),
        (
            "ChangeConfiguration",
            json!({ "key": "LightIntensity", "value": "50" }),
            vec![("/key", true, Text(50)), ("/value", true, Text(500))],
        ),
        ("ClearCache", json!({}), vec![]),
        (
            "DataTransfer",
            json!({ "vendorId": "com.example", "messageId": "Colour", "data": "blue" }),
            vec![
                ("/vendorId", true, Text(255)),
                ("/messageId", false, Text(50)),
                ("/data", false, LongText),
            ],
        ),
        (
            "GetConfiguration",
            json!({ "key": ["LightIntensity"] }),
            vec![("/key", false, Texts(50))],
        ),
        #[cfg(feature = "firmware-management")]
        (
            "GetDiagnostics",
            json!({
                "location": "ftp://files.example/",
                "retries": 1,
                "retryInterval": 60,
                "startTime": "2026-01-01T00:00:00Z",
                "stopTime": "2027-01-01T00:00:00Z",
            }),
            vec![
                ("/location", true, LongText),
                ("/retries", false, Integer),
                ("/retryInterval", false, Integer),
                ("/startTime", false, Time),
                ("/stopTime", false, Time),
            ],
        ),
        (
            "RemoteStartTransaction",
            start,
            [start_fields, PROFILE].concat(),
        ),
        (
            "RemoteStopTransaction",
            json!({ "transactionId": 101 }),
            vec![("/transactionId", true, Long)],
        ),
        (
            "Reset",
            json!({ "type": "Hard" }),
            vec![("/type", true, Choice)],
        ),
        (
            "TriggerMessage",
            json!({ "requestedMessage": "Heartbeat", "connectorId": 1 }),
            vec![
                // An unknown one has an answer of its own (5.17).
                ("/requestedMessage", true, LongText),
                ("/connectorId", false, Integer),
            ],
        ),
        (
            "UnlockConnector",
            json!({ "connectorId": 1 }),
            vec![("/connectorId", true, Integer)],
        ),
        (
            "ReserveNow",
            json!({
                "connectorId": 2,
                "expiryDate": "2027-01-01T00:00:00Z",
                "idTag": "RESERVED",
                "parentIdTag": "GROUP",
                "reservationId": 7,
            }),
            vec![
                ("/connectorId", true, Integer),
                ("/expiryDate", true, Time),
                ("/idTag", true, Text(20)),
                ("/parentIdTag", false, Text(20)),
                ("/reservationId", true, Integer),
            ],
        ),
        (
            "CancelReservation",
            json!({ "reservationId": 7 }),
            vec![("/reservationId", true, Integer)],
        ),
        ("GetLocalListVersion", json!({}), vec![]),
        (
            "SendLocalList",
            json!({
                "listVersion": 1,
                "localAuthorizationList": [{
                    "idTag": "LISTED",
                    "idTagInfo": {
                        "status": "Accepted",
                        "expiryDate": "2027-01-01T00:00:00Z",
                        "parentIdTag": "GROUP",
                    },
                }],
                "updateType": "Full",
            }),
            vec![
                ("/listVersion", true, Integer),
                ("/localAuthorizationList", false, Objects),
                ("/localAuthorizationList/0/idTag", true, Text(20)),
                ("/localAuthorizationList/0/idTagInfo", false, Object),
                ("/localAuthorizationList/0/idTagInfo/status", true, Choice),
                (
                    "/localAuthorizationList/0/idTagInfo/expiryDate",
                    false,
                    Time,
                ),
                (
                    "/localAuthorizationList/0/idTagInfo/parentIdTag",
                    false,
                    Text(20),
                ),
                ("/updateType", true, Choice),
            ],
        ),
        (
            "SetChargingProfile",
            set,
            [set_fields, SET_PROFILE].concat(),
        ),
        (
            "ClearChargingProfile",
            json!({
                "id": 1,
                "connectorId": 1,
                "chargingProfilePurpose": "TxProfile",
                "stackLevel": 0,
            }),
            vec![
                ("/id", false, Integer),
                ("/connectorId", false, Integer),
                ("/chargingProfilePurpose", false, Choice),
                ("/stackLevel", false, Integer),
            ],
        ),
        (
            "GetCompositeSchedule",
            json!({ "connectorId": 1, "duration": 60, "chargingRateUnit": "A" }),
            vec![
                ("/connectorId", true, Integer),
                ("/duration", true, Integer),
                ("/chargingRateUnit", false, Choice),
            ],
        ),
        #[cfg(feature = "security")]
        (
            "ExtendedTriggerMessage",
            json!({ "requestedMessage": "Heartbeat", "connectorId": 1 }),
            vec![
                // An unknown one has an answer of its own.
                ("/requestedMessage", true, LongText),
                ("/connectorId", false, Integer),
            ],
        ),
        #[cfg(feature = "security")]
        (
            "GetLog",
            json!({
                "logType": "SecurityLog",
                "requestId": 1,
                "retries": 1,
                "retryInterval": 60,
                "log": {
                    "remoteLocation": "ftp://files.example/",
                    "oldestTimestamp": "2026-01-01T00:00:00Z",
                    "latestTimestamp": "2027-01-01T00:00:00Z",
                },
            }),
            vec![
                ("/logType", true, Choice),
                ("/requestId", true, Integer),
                ("/retries", false, Integer),
                ("/retryInterval", false, Integer),
                ("/log", true, Object),
                ("/log/remoteLocation", true, Text(512)),
                ("/log/oldestTimestamp", false, Time),
                ("/log/latestTimestamp", false, Time),
            ],
        ),
        #[cfg(feature = "security")]
        (
            "SignedUpdateFirmware",
            json!({
                "requestId": 1,
                "retries": 1,
                "retryInterval": 60,
                "firmware": {
                    "location": "http://files.example/image.bin",
                    "retrieveDateTime": "2027-01-01T00:00:00Z",
                    "installDateTime": "2027-01-02T00:00:00Z",
                    "signingCertificate": "PEM",
                    "signature": "c2ln",
                },
            }),
            vec![
                ("/requestId", true, Integer),
                ("/retries", false, Integer),
                ("/retryInterval", false, Integer),
                ("/firmware", true, Object),
                ("/firmware/location", true, Text(512)),
                ("/firmware/retrieveDateTime", true, Time),
                ("/firmware/installDateTime", false, Time),
                ("/firmware/signingCertificate", true, Text(5500)),
                ("/firmware/signature", true, Text(800)),
            ],
        ),
        #[cfg(feature = "firmware-management")]
        (
            "UpdateFirmware",
            json!({
                "location": "http://files.example/image.bin",
                "retrieveDate": "2027-01-01T00:00:00Z",
                "retries": 1,
                "retryInterval": 60,
            }),
            vec![
                ("/location", true, LongText),
                ("/retrieveDate", true, Time),
                ("/retries", false, Integer),
                ("/retryInterval", false, Integer),
            ],
        ),
    ]
}

/// Values of another type than the field's.
fn of_another_type(holds: Holds) -> Vec<Value> {
    let mut values = vec![json!(true)];
    match holds {
        Integer | Long => values.extend([json!("1"), json!(1.5), json!([]), json!({})]),
        Number => values.extend([json!("16.0"), json!([]), json!({})]),
        Text(_) | LongText | Choice | Time => values.extend([json!(1), json!([]), json!({})]),
        Object => values.extend([json!(1), json!("{}"), json!([1])]),
        Texts(_) => values.extend([
            json!(1),
            json!("x"),
            json!({}),
            json!([1]),
            json!(["x", null]),
        ]),
        Objects => values.extend([json!(1), json!("x"), json!({}), json!([1]), json!([[1]])]),
    }
    values
}

/// Values of the right type that the field cannot have.
fn out_of_range(holds: Holds) -> Vec<Value> {
    let too_long = |limit: usize| json!("x".repeat(limit + 1));
    match holds {
        Integer => vec![
            json!(2_147_483_648_u64),
            json!(-2_147_483_649_i64),
            json!(4_294_967_297_u64),
            json!(u64::MAX),
        ],
        Long => vec![json!(i64::MAX as u64 + 1), json!(u64::MAX)],
        Text(limit) => vec![too_long(limit)],
        Choice => vec![
            json!(""),
            json!("Nonsense"),
            json!("hard"),
            json!("HARD"),
            json!("Hard "),
        ],
        Time => vec![
            json!(""),
            json!("soon"),
            json!("2026-01-01"),
            json!("2026-13-01T00:00:00Z"),
            json!("2026-02-30T00:00:00Z"),
            json!("1767225600"),
        ],
        Texts(limit) => vec![json!([too_long(limit)]), json!(["x", too_long(limit)])],
        Number | LongText | Object | Objects => vec![],
    }
}

fn call(action: &str, payload: &str) -> String {
    format!(r#"[2,"m","{action}",{payload}]"#)
}

/// The object a field is in, and the field's name.
fn parent<'v>(payload: &'v mut Value, place: &str) -> (&'v mut Value, String) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    (payload.pointer_mut(parent).unwrap(), name.to_owned())
}

fn with(payload: &Value, place: &str, value: Value) -> String {
    let mut payload = payload.clone();
    let (parent, name) = parent(&mut payload, place);
    parent[name] = value;
    payload.to_string()
}

fn without(payload: &Value, place: &str) -> String {
    let mut payload = payload.clone();
    let (parent, name) = parent(&mut payload, place);
    parent.as_object_mut().unwrap().remove(&name);
    payload.to_string()
}

/// The payload with a field twice.
fn twice(payload: &Value, place: &str) -> String {
    let mark = "there is no such name";
    let mut marked = payload.clone();
    let (parent, name) = parent(&mut marked, place);
    parent[mark] = parent[&name].clone();
    marked.to_string().replace(mark, &name)
}

/// A good request of each action.
pub fn good() -> Vec<String> {
    let requests = requests().into_iter();
    requests
        .map(|(action, payload, _)| call(action, &payload.to_string()))
        .collect()
}

/// Payloads that leave an optional field out, and the same with its `null`.
pub fn with_null() -> Vec<(&'static str, String, String)> {
    let mut pairs = Vec::new();
    for (action, payload, fields) in requests() {
        for (place, _, _) in fields.iter().filter(|(_, required, _)| !required) {
            let absent = without(&payload, place);
            let null = with(&payload, place, Value::Null);
            pairs.push((action, absent, null));
        }
    }
    pairs
}

pub fn faults() -> Vec<Case> {
    let mut cases = Vec::new();
    for (action, payload, fields) in requests() {
        let mut add = |payload: &str, code| {
            cases.push(Case::new(call(action, payload), Error(code)));
        };
        add(
            &with(&payload, "/unheard", json!("of")),
            "FormationViolation",
        );
        add(&with(&payload, "/", json!({})), "FormationViolation");
        for (place, required, holds) in fields {
            if required {
                add(&without(&payload, place), "ProtocolError");
                let null = with(&payload, place, Value::Null);
                add(&null, "TypeConstraintViolation");
            }
            // An object without members lacks what is required of it.
            match holds {
                Object => add(&with(&payload, place, json!([])), "ProtocolError"),
                Objects => add(&with(&payload, place, json!([[]])), "ProtocolError"),
                _ => {}
            }
            for value in of_another_type(holds) {
                add(&with(&payload, place, value), "TypeConstraintViolation");
            }
            for value in out_of_range(holds) {
                add(&with(&payload, place, value), "PropertyConstraintViolation");
            }
            add(&twice(&payload, place), "FormationViolation");
            if let Object = holds {
                let unheard = format!("{place}/unheard");
                add(&with(&payload, &unheard, json!(1)), "FormationViolation");
            }
        }
    }
    // Numbers that no f64 and no i64 holds.
    for number in ["1e400", "-99999999999999999999999999"] {
        let payload = format!(r#"{{"transactionId":{number}}}"#);
        let code = match number.contains('e') {
            true => "TypeConstraintViolation",
            false => "PropertyConstraintViolation",
        };
        cases.push(Case::new(
            call("RemoteStopTransaction", &payload),
            Error(code),
        ));
    }
    let period = "/chargingProfile/chargingSchedule/chargingSchedulePeriod";
    let mut all = requests().into_iter();
    let start = all.find(|(action, ..)| *action == "RemoteStartTransaction");
    let (_, start, _) = start.unwrap();
    let broken = json!([{ "startPeriod": 0, "limit": 1.0 }, { "startPeriod": 60 }]);
    let payload = with(&start, period, broken);
    cases.push(Case::new(
        call("RemoteStartTransaction", &payload),
        Error("ProtocolError"),
    ));
    cases
}
