//! CALLs of a central system as they should be, and a little beside it: bytes decide which fields are
//! there and what they say.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Number, Value, json};

/// What a field says.
#[derive(Clone, Copy)]
enum Kind {
    Integer(i64, i64),
    Decimal,
    Text(&'static [&'static str]),
    /// Up to that many characters.
    Free(usize),
    Time,
    Object(&'static [(&'static str, Kind)]),
    /// Up to that many of them.
    Objects(usize, &'static [(&'static str, Kind)]),
    Texts(&'static [&'static str]),
    Bool,
}

use Kind::{Bool, Decimal, Free, Integer, Object, Objects, Text, Texts, Time};

const TAGS: Kind = Text(&["TAG-1", "TAG-2", "parent", "tag-1", ""]);
const CONNECTOR: Kind = Integer(0, 4);
const KEYS: &[&str] = &[
    "HeartbeatInterval",
    "MeterValueSampleInterval",
    "MeterValuesSampledData",
    "StopTxnSampledData",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "LocalAuthListEnabled",
    "LocalPreAuthorize",
    "AuthorizationCacheEnabled",
    "StopTransactionOnInvalidId",
    "StopTransactionOnEVSideDisconnect",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "MinimumStatusDuration",
    "AllowOfflineTxForUnknownId",
    "MaxEnergyOnInvalidId",
    "SecurityProfile",
    "AuthorizationKey",
    "CpoName",
    "NoSuchKey",
];
const SCHEDULE: &[(&str, Kind)] = &[
    ("duration", Integer(0, 100_000)),
    ("startSchedule", Time),
    ("chargingRateUnit", Text(&["A", "W"])),
    (
        "chargingSchedulePeriod",
        Objects(
            6,
            &[
                ("startPeriod", Integer(0, 10_000)),
                ("limit", Decimal),
                ("numberPhases", Integer(1, 3)),
            ],
        ),
    ),
    ("minChargingRate", Decimal),
];
const PROFILE: &[(&str, Kind)] = &[
    ("chargingProfileId", Integer(1, 12)),
    ("transactionId", Integer(0, 5)),
    ("stackLevel", Integer(0, 4)),
    (
        "chargingProfilePurpose",
        Text(&["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]),
    ),
    (
        "chargingProfileKind",
        Text(&["Absolute", "Recurring", "Relative"]),
    ),
    ("recurrencyKind", Text(&["Daily", "Weekly"])),
    ("validFrom", Time),
    ("validTo", Time),
    ("chargingSchedule", Object(SCHEDULE)),
];
const ROOTS: Kind = Text(&[
    "CentralSystemRootCertificate",
    "ManufacturerRootCertificate",
]);
const ID_TAG_INFO: &[(&str, Kind)] = &[
    (
        "status",
        Text(&["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]),
    ),
    ("expiryDate", Time),
    ("parentIdTag", TAGS),
];

/// Each request with its fields.
const REQUESTS: &[(&str, &[(&str, Kind)])] = &[
    ("CancelReservation", &[("reservationId", Integer(1, 4))]),
    (
        "ChangeAvailability",
        &[
            ("connectorId", CONNECTOR),
            ("type", Text(&["Operative", "Inoperative"])),
        ],
    ),
    (
        "ChangeConfiguration",
        &[
            ("key", Text(KEYS)),
            (
                "value",
                Text(&[
                    "0",
                    "1",
                    "60",
                    "true",
                    "false",
                    "-1",
                    "Energy.Active.Import.Register,Power.Active.Import",
                    "",
                ]),
            ),
        ],
    ),
    ("ClearCache", &[]),
    (
        "ClearChargingProfile",
        &[
            ("id", Integer(1, 12)),
            ("connectorId", CONNECTOR),
            (
                "chargingProfilePurpose",
                Text(&["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"]),
            ),
            ("stackLevel", Integer(0, 4)),
        ],
    ),
    (
        "DataTransfer",
        &[
            ("vendorId", Text(&["vendor", "other"])),
            ("messageId", Free(50)),
            ("data", Free(300)),
        ],
    ),
    (
        "GetCompositeSchedule",
        &[
            ("connectorId", CONNECTOR),
            ("duration", Integer(0, 200_000)),
            ("chargingRateUnit", Text(&["A", "W"])),
        ],
    ),
    ("GetConfiguration", &[("key", Texts(KEYS))]),
    (
        "GetDiagnostics",
        &[
            ("location", Text(&["ftp://host/", "http://host/log", ""])),
            ("retries", Integer(0, 3)),
            ("retryInterval", Integer(0, 60)),
            ("startTime", Time),
            ("stopTime", Time),
        ],
    ),
    ("GetLocalListVersion", &[]),
    (
        "RemoteStartTransaction",
        &[
            ("connectorId", CONNECTOR),
            ("idTag", TAGS),
            ("chargingProfile", Object(PROFILE)),
        ],
    ),
    ("RemoteStopTransaction", &[("transactionId", Integer(0, 5))]),
    (
        "ReserveNow",
        &[
            ("connectorId", CONNECTOR),
            ("expiryDate", Time),
            ("idTag", TAGS),
            ("parentIdTag", TAGS),
            ("reservationId", Integer(1, 4)),
        ],
    ),
    ("Reset", &[("type", Text(&["Hard", "Soft"]))]),
    (
        "SendLocalList",
        &[
            ("listVersion", Integer(0, 5)),
            (
                "localAuthorizationList",
                Objects(4, &[("idTag", TAGS), ("idTagInfo", Object(ID_TAG_INFO))]),
            ),
            ("updateType", Text(&["Full", "Differential"])),
        ],
    ),
    (
        "SetChargingProfile",
        &[
            ("connectorId", CONNECTOR),
            ("csChargingProfiles", Object(PROFILE)),
        ],
    ),
    (
        "TriggerMessage",
        &[
            (
                "requestedMessage",
                Text(&[
                    "BootNotification",
                    "DiagnosticsStatusNotification",
                    "FirmwareStatusNotification",
                    "Heartbeat",
                    "MeterValues",
                    "StatusNotification",
                    "Other",
                ]),
            ),
            ("connectorId", CONNECTOR),
        ],
    ),
    ("UnlockConnector", &[("connectorId", CONNECTOR)]),
    (
        "InstallCertificate",
        &[("certificateType", ROOTS), ("certificate", Free(600))],
    ),
    (
        "DeleteCertificate",
        &[(
            "certificateHashData",
            Object(&[
                ("hashAlgorithm", Text(&["SHA256", "SHA384", "SHA512"])),
                ("issuerNameHash", Free(128)),
                ("issuerKeyHash", Free(128)),
                ("serialNumber", Free(40)),
            ]),
        )],
    ),
    ("GetInstalledCertificateIds", &[("certificateType", ROOTS)]),
    ("CertificateSigned", &[("certificateChain", Free(800))]),
    (
        "GetLog",
        &[
            (
                "log",
                Object(&[
                    ("remoteLocation", Text(&["http://host/log", ""])),
                    ("oldestTimestamp", Time),
                    ("latestTimestamp", Time),
                ]),
            ),
            ("logType", Text(&["DiagnosticsLog", "SecurityLog"])),
            ("requestId", Integer(0, 5)),
            ("retries", Integer(0, 3)),
            ("retryInterval", Integer(0, 60)),
        ],
    ),
    (
        "SignedUpdateFirmware",
        &[
            ("retries", Integer(0, 3)),
            ("retryInterval", Integer(0, 60)),
            ("requestId", Integer(0, 5)),
            (
                "firmware",
                Object(&[
                    ("location", Text(&["http://host/image", "gopher://x"])),
                    ("retrieveDateTime", Time),
                    ("installDateTime", Time),
                    ("signingCertificate", Free(600)),
                    ("signature", Free(200)),
                ]),
            ),
        ],
    ),
    (
        "ExtendedTriggerMessage",
        &[
            (
                "requestedMessage",
                Text(&[
                    "LogStatusNotification",
                    "FirmwareStatusNotification",
                    "SignChargePointCertificate",
                    "Heartbeat",
                ]),
            ),
            ("connectorId", CONNECTOR),
        ],
    ),
    (
        "UpdateFirmware",
        &[
            ("location", Text(&["http://host/image", "gopher://x"])),
            ("retries", Integer(0, 3)),
            ("retrieveDate", Time),
            ("retryInterval", Integer(0, 60)),
        ],
    ),
    (
        "SetVariables",
        &[(
            "setVariableData",
            Objects(
                3,
                &[
                    ("attributeValue", Text(&["0", "30", "true"])),
                    (
                        "component",
                        Object(&[("name", Text(&["OCPPCommCtrlr", "TxCtrlr", "Nothing"]))]),
                    ),
                    (
                        "variable",
                        Object(&[("name", Text(&["HeartbeatInterval", "EVConnectionTimeOut"]))]),
                    ),
                ],
            ),
        )],
    ),
    (
        "GetBaseReport",
        &[
            ("requestId", Integer(0, 9)),
            (
                "reportBase",
                Text(&["FullInventory", "ConfigurationInventory"]),
            ),
        ],
    ),
    (
        "RequestStartTransaction",
        &[
            ("evseId", Integer(0, 4)),
            ("remoteStartId", Integer(0, 9)),
            (
                "idToken",
                Object(&[("idToken", TAGS), ("type", Text(&["ISO14443", "Central"]))]),
            ),
        ],
    ),
    ("RequestStopTransaction", &[("transactionId", Free(36))]),
    (
        "Reset",
        &[
            ("type", Text(&["Immediate", "OnIdle"])),
            ("evseId", Integer(0, 3)),
        ],
    ),
    (
        "ChangeAvailability",
        &[
            ("operationalStatus", Text(&["Operative", "Inoperative"])),
            (
                "evse",
                Object(&[("id", Integer(0, 3)), ("connectorId", Integer(0, 2))]),
            ),
            ("x", Bool),
        ],
    ),
];

/// Once in a while.
fn rarely(u: &mut Unstructured<'_>) -> Result<bool> {
    u.ratio(1, 24)
}

fn value(u: &mut Unstructured<'_>, kind: Kind, now: i64) -> Result<Value> {
    if rarely(u)? {
        return Ok(u
            .choose(&[
                json!(null),
                json!([]),
                json!({}),
                json!(1e300),
                json!("\u{0}é"),
            ])?
            .clone());
    }
    Ok(match kind {
        Integer(low, high) => json!(u.int_in_range(low..=high)?),
        Decimal => {
            let tenths = u.int_in_range(-1..=500)?;
            Number::from_f64(f64::from(tenths) / 10.0).map_or(Value::Null, Value::Number)
        }
        Text(texts) => json!(u.choose(texts)?),
        Free(most) => {
            let length = u.int_in_range(0..=most)?;
            let bytes = u.bytes(length.min(u.len()))?;
            json!(String::from_utf8_lossy(bytes))
        }
        Time => {
            let at = now + u.int_in_range(-200_000..=200_000)?;
            json!(time(at))
        }
        Bool => json!(u.arbitrary::<bool>()?),
        Object(fields) => object(u, fields, now)?,
        Objects(most, fields) => {
            let count = u.int_in_range(0..=most)?;
            let objects = (0..count).map(|_| object(u, fields, now));
            Value::Array(objects.collect::<Result<_>>()?)
        }
        Texts(texts) => {
            let count = u.int_in_range(0..=4)?;
            let texts = (0..count).map(|_| Ok(json!(u.choose(texts)?)));
            Value::Array(texts.collect::<Result<_>>()?)
        }
    })
}

fn object(u: &mut Unstructured<'_>, fields: &[(&str, Kind)], now: i64) -> Result<Value> {
    let mut object = Map::new();
    for (name, kind) in fields {
        // Most of the optional fields, too.
        if !u.ratio(1, 6)? {
            object.insert((*name).to_owned(), value(u, *kind, now)?);
        }
    }
    Ok(Value::Object(object))
}

/// A CALL of the central system, at a moment in seconds since 1970.
pub fn frame(u: &mut Unstructured<'_>, now: i64) -> Result<String> {
    let (action, fields) = u.choose(REQUESTS)?;
    let id = u.int_in_range(0..=99)?;
    let payload = object(u, fields, now)?;
    Ok(json!([2, format!("cs-{id}"), action, payload]).to_string())
}

/// Seconds since 1970 as a date and time.
pub fn time(at: i64) -> String {
    let (days, rest) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    // The civil calendar, by eras of 400 years that begin in March.
    let from_era = days + 719_468;
    let era = from_era.div_euclid(146_097);
    let day = from_era.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let date = in_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}
