//! Happenings as JSON, one object a line.

use serde_json::{Value, json};

use super::{FileKind, Happening, TransferStage, escape, raise_name, reservation_state_name};
use crate::{
    command::HELP,
    exchange::{Direction, Exchange},
    station_json,
};

/// The line of a happening; nothing for one that only people care for.
pub fn line(millis: u64, happening: &Happening) -> Option<String> {
    let (event, fields) = event(happening)?;
    let mut line = format!("{{\"t\":{millis},\"event\":\"{event}\"");
    // By hand, so that people who read it after all find time and event first.
    for (name, value) in fields.as_object().into_iter().flatten() {
        line.push_str(&format!(",{}:{value}", json!(name)));
    }
    line.push('}');
    Some(escape::json(&line).into_owned())
}

/// The names of all events.
pub const EVENTS: [&str; 27] = [
    "connected",
    "disconnected",
    "frame",
    "deviation",
    "registered",
    "status",
    "authorization",
    "notOwner",
    "reservation",
    "reservedForOther",
    "remoteStart",
    "transaction",
    "limit",
    "config",
    "securityEvent",
    "securityProfile",
    "localList",
    "unlock",
    "dataTransfer",
    "firmware",
    "diagnostics",
    "transfer",
    "reset",
    "boot",
    "error",
    "dropped",
    "help",
];

/// The same as an object.
pub fn object(millis: u64, happening: &Happening) -> Option<Value> {
    let (event, mut fields) = event(happening)?;
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("t".to_owned(), json!(millis));
        fields.insert("event".to_owned(), json!(event));
    }
    Some(fields)
}

/// The event that a happening is, and its fields; `None` for one that only people care for.
pub fn event(happening: &Happening) -> Option<(&'static str, Value)> {
    Some(match happening {
        Happening::Connected { url } => ("connected", json!({"url": url})),
        Happening::Disconnected { reason } => ("disconnected", json!({"reason": reason})),
        Happening::Frame {
            direction,
            text,
            bytes,
            ..
        } => {
            let direction = match direction {
                Direction::In => "in",
                Direction::Out => "out",
            };
            let mut fields = json!({"dir": direction, "text": text});
            if let (Some(bytes), Some(fields)) = (bytes, fields.as_object_mut()) {
                fields.insert("bytes".to_owned(), json!(bytes));
            }
            ("frame", fields)
        }
        Happening::Deviation {
            exchange,
            field,
            rule,
        } => {
            let part = match exchange {
                Exchange::Request { .. } => Some("request"),
                Exchange::Confirmation { .. } => Some("answer"),
                Exchange::Failure { .. } => Some("error"),
                Exchange::Unreadable => None,
            };
            (
                "deviation",
                json!({"action": exchange.action(), "part": part, "field": field, "rule": rule}),
            )
        }
        Happening::Registered(status) => ("registered", json!({"status": status.as_str()})),
        Happening::Status {
            connector,
            status,
            error,
            reservation,
            condition,
        } => {
            let mut fields = json!({
                "connector": connector,
                "status": status.map(|status| status.as_str()),
                "errorCode": error.as_str(),
            });
            if let (Some(condition), Some(fields)) = (condition, fields.as_object_mut()) {
                for (name, value) in [
                    ("plugged", json!(condition.plugged)),
                    ("power", json!(condition.power_w)),
                    ("energy", json!(condition.register_wh)),
                    ("soc", json!(condition.state_of_charge)),
                    (
                        "transactionId",
                        station_json::transaction_id(condition.transaction_id),
                    ),
                    ("idTag", json!(condition.id_tag)),
                ] {
                    fields.insert(name.to_owned(), value);
                }
            }
            if let (Some((id, id_tag)), Some(fields)) = (reservation, fields.as_object_mut()) {
                fields.insert("reservationId".to_owned(), json!(id));
                fields.insert("reservedFor".to_owned(), json!(id_tag));
            }
            ("status", fields)
        }
        Happening::Authorization {
            connector,
            id_tag,
            status,
        } => (
            "authorization",
            json!({"connector": connector, "idTag": id_tag.as_str(), "status": status.as_str()}),
        ),
        Happening::NotOwner { connector, id_tag } => (
            "notOwner",
            json!({"connector": connector, "idTag": id_tag.as_str()}),
        ),
        Happening::Reservation {
            connector,
            id,
            id_tag,
            state,
        } => (
            "reservation",
            json!({
                "connector": connector,
                "reservationId": id,
                "idTag": id_tag.as_str(),
                "state": reservation_state_name(*state),
            }),
        ),
        Happening::ReservedForOther { connector, id_tag } => (
            "reservedForOther",
            json!({"connector": connector, "idTag": id_tag.as_str()}),
        ),
        Happening::RemoteStart { connector, id_tag } => (
            "remoteStart",
            json!({"connector": connector, "idTag": id_tag.as_str()}),
        ),
        Happening::Transaction {
            connector,
            state,
            transaction_id,
            id_tag,
            reason,
        } => (
            "transaction",
            json!({
                "connector": connector,
                "state": station_json::state_name(*state),
                "transactionId": station_json::transaction_id(*transaction_id),
                "idTag": id_tag.as_ref().map(|id_tag| id_tag.as_str()),
                "reason": reason.map(|reason| reason.as_str()),
            }),
        ),
        Happening::Limit {
            connector,
            watts,
            limit,
        } => {
            let mut fields = json!({"connector": connector, "watts": watts});
            if let (Some(limit), Some(fields)) = (limit, fields.as_object_mut()) {
                let current = f64::from(limit.deciamperes) / 10.0;
                fields.insert("current".to_owned(), json!(current));
                fields.insert("phases".to_owned(), json!(limit.phases));
            }
            ("limit", fields)
        }
        Happening::Configuration { key, value } => ("config", json!({"key": key, "value": value})),
        Happening::SecurityEvent { event, info } => (
            "securityEvent",
            json!({"type": event.as_str(), "techInfo": info.as_str()}),
        ),
        Happening::SecurityProfile { profile, raise } => (
            "securityProfile",
            json!({"profile": profile, "state": raise_name(*raise)}),
        ),
        Happening::LocalList { version, entries } => {
            ("localList", json!({"version": version, "entries": entries}))
        }
        Happening::Unlock { connector, status } => (
            "unlock",
            json!({"connector": connector, "status": status.as_str()}),
        ),
        Happening::DataTransfer(status) => (
            "dataTransfer",
            json!({"status": status.map(|status| status.as_str())}),
        ),
        Happening::Firmware(status) => ("firmware", json!({"status": status.as_str()})),
        Happening::Diagnostics(status) => ("diagnostics", json!({"status": status.as_str()})),
        Happening::Transfer { kind, url, stage } => ("transfer", transfer(*kind, url, stage)),
        Happening::Reset(kind) => ("reset", json!({"type": kind.as_str()})),
        Happening::Boot => ("boot", json!({})),
        Happening::Error {
            message,
            security_event,
        } => {
            let mut fields = json!({"message": message});
            if let (Some(event), Some(fields)) = (security_event, fields.as_object_mut()) {
                fields.insert("securityEvent".to_owned(), json!(event.as_str()));
            }
            ("error", fields)
        }
        Happening::Dropped { lines } => ("dropped", json!({"lines": lines})),
        Happening::Help => ("help", json!({"text": HELP})),
        Happening::Command(_) | Happening::Chapter(_) => return None,
    })
}

fn transfer(kind: FileKind, url: &str, stage: &TransferStage) -> Value {
    let file = kind.name();
    match stage {
        TransferStage::Started { attempt } => {
            json!({"file": file, "state": "started", "url": url, "attempt": attempt})
        }
        TransferStage::Done { bytes } => {
            json!({"file": file, "state": "done", "url": url, "bytes": bytes})
        }
        TransferStage::Failed { failure, why } => json!({
            "file": file, "state": "failed", "url": url, "failure": failure.as_str(), "message": why,
        }),
    }
}

/// The line of a happening for diagnostics: of frames only which they are, and of settings only which
/// have changed, because their content may be secret.
pub fn journal(happening: &Happening) -> Option<String> {
    let (event, fields) = match happening {
        Happening::Frame {
            direction,
            exchange,
            ..
        } => {
            let direction = match direction {
                Direction::In => "in",
                Direction::Out => "out",
            };
            let frame = json!({"dir": direction, "frame": exchange.name()});
            ("frame", frame)
        }
        Happening::Configuration { key, .. } => ("config", json!({"key": key})),
        Happening::Help => return None,
        other => event(other)?,
    };
    let line = format!("{event} {fields}");
    Some(escape::json(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocpp::{
        domain::{
            ChargePointError, ChargingLimit, FirmwareStatus, LogStatus, Reason, Status,
            TransactionId, TransferFailure,
        },
        station::{ReservationState, TransactionState},
    };

    use ocpp::domain::SecurityEvent;

    fn printed(happening: Happening) -> Value {
        let line = line(17, &happening).unwrap();
        assert!(!line.contains(char::is_control));
        let printed: Value = serde_json::from_str(&line).unwrap();
        let event = printed["event"].as_str().unwrap();
        assert!(EVENTS.contains(&event), "{event}");
        printed
    }

    #[test]
    fn events_have_the_promised_fields() {
        for (happening, expected) in [
            (
                Happening::Frame {
                    direction: Direction::Out,
                    text: "[2,\"1\",\"A\",{}]\n".to_owned(),
                    bytes: None,
                    exchange: Exchange::Unreadable,
                },
                json!({"t": 17, "event": "frame", "dir": "out", "text": "[2,\"1\",\"A\",{}]\n"}),
            ),
            (
                Happening::Frame {
                    direction: Direction::In,
                    text: "[2,\"1\u{9b}".to_owned(),
                    bytes: Some(100_000),
                    exchange: Exchange::Unreadable,
                },
                json!({"t": 17, "event": "frame", "dir": "in", "text": "[2,\"1\u{9b}",
                       "bytes": 100_000}),
            ),
            (
                Happening::Dropped { lines: 3 },
                json!({"t": 17, "event": "dropped", "lines": 3}),
            ),
            (
                Happening::Deviation {
                    exchange: Exchange::Request {
                        action: "Reset".to_owned(),
                    },
                    field: "type".to_owned(),
                    rule: "is required".to_owned(),
                },
                json!({"t": 17, "event": "deviation", "action": "Reset", "part": "request",
                       "field": "type", "rule": "is required"}),
            ),
            (
                Happening::Status {
                    connector: 0,
                    status: Some(Status::Faulted),
                    error: ChargePointError::OverVoltage,
                    reservation: None,
                    condition: None,
                },
                json!({"t": 17, "event": "status", "connector": 0, "status": "Faulted",
                       "errorCode": "OverVoltage"}),
            ),
            (
                Happening::Status {
                    connector: 1,
                    status: Some(Status::Reserved),
                    error: ChargePointError::NoError,
                    reservation: Some((7, "A".to_owned())),
                    condition: None,
                },
                json!({"t": 17, "event": "status", "connector": 1, "status": "Reserved",
                       "errorCode": "NoError", "reservationId": 7, "reservedFor": "A"}),
            ),
            (
                Happening::Reservation {
                    connector: 0,
                    id: 7,
                    id_tag: "A".try_into().unwrap(),
                    state: ReservationState::Expired,
                },
                json!({"t": 17, "event": "reservation", "connector": 0, "reservationId": 7,
                       "idTag": "A", "state": "expired"}),
            ),
            (
                Happening::Transaction {
                    connector: 1,
                    state: TransactionState::Stopped,
                    transaction_id: Some(TransactionId::Number(5)),
                    id_tag: None,
                    reason: Some(Reason::Remote),
                },
                json!({"t": 17, "event": "transaction", "connector": 1, "state": "stopped",
                       "transactionId": 5, "idTag": null, "reason": "Remote"}),
            ),
            (
                Happening::Transaction {
                    connector: 1,
                    state: TransactionState::Started,
                    transaction_id: Some(TransactionId::Own { boot: 7, count: 2 }),
                    id_tag: None,
                    reason: None,
                },
                json!({"t": 17, "event": "transaction", "connector": 1, "state": "started",
                       "transactionId": "00000007-2", "idTag": null, "reason": null}),
            ),
            (
                Happening::Limit {
                    connector: 2,
                    watts: None,
                    limit: None,
                },
                json!({"t": 17, "event": "limit", "connector": 2, "watts": null}),
            ),
            (
                Happening::Limit {
                    connector: 0,
                    watts: Some(7_245),
                    limit: Some(ChargingLimit {
                        deciamperes: 105,
                        watts: 7_245,
                        phases: 3,
                    }),
                },
                json!({"t": 17, "event": "limit", "connector": 0, "watts": 7_245, "current": 10.5,
                       "phases": 3}),
            ),
            (
                Happening::Configuration {
                    key: "HeartbeatInterval".to_owned(),
                    value: "60".to_owned(),
                },
                json!({"t": 17, "event": "config", "key": "HeartbeatInterval", "value": "60"}),
            ),
            (
                Happening::LocalList {
                    version: 7,
                    entries: 3,
                },
                json!({"t": 17, "event": "localList", "version": 7, "entries": 3}),
            ),
            (
                Happening::Firmware(FirmwareStatus::Downloading),
                json!({"t": 17, "event": "firmware", "status": "Downloading"}),
            ),
            (
                Happening::Diagnostics(LogStatus::UploadFailed),
                json!({"t": 17, "event": "diagnostics", "status": "UploadFailed"}),
            ),
            (
                Happening::Transfer {
                    kind: FileKind::Firmware,
                    url: "http://h/".to_owned(),
                    stage: TransferStage::Failed {
                        failure: TransferFailure::Refused,
                        why: "HTTP 404".to_owned(),
                    },
                },
                json!({"t": 17, "event": "transfer", "file": "firmware", "state": "failed",
                       "url": "http://h/", "failure": "Refused", "message": "HTTP 404"}),
            ),
            (
                Happening::error("x".to_owned()),
                json!({"t": 17, "event": "error", "message": "x"}),
            ),
            (
                Happening::Error {
                    message: "x".to_owned(),
                    security_event: Some(SecurityEvent::InvalidTLSVersion),
                },
                json!({"t": 17, "event": "error", "message": "x",
                       "securityEvent": "InvalidTLSVersion"}),
            ),
        ] {
            assert_eq!(printed(happening), expected);
        }
    }

    #[test]
    fn what_only_people_read_is_left_out() {
        assert_eq!(line(0, &Happening::Command("plug 1".to_owned())), None);
        assert_eq!(line(0, &Happening::Chapter("One".to_owned())), None);
    }
}
