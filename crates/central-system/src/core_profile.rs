//! The standard answers of the central system.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::id_tag::{IdTag, IdTagStatus};
use crate::rpc::Call;
use crate::shared::State;

/// Answers a CALL from the tables of the behaviour; `Err` is an [`Answer::Error`].
pub(crate) fn answer(state: &mut State, call: &Call) -> Result<Value, Answer> {
    let payload = &call.payload;
    match call.action.as_str() {
        "BootNotification" => {
            text(payload, "chargePointVendor")?;
            text(payload, "chargePointModel")?;
            let behaviour = &state.behaviour;
            Ok(json!({
                "status": behaviour.boot_status.as_str(),
                "currentTime": behaviour.clock.now(),
                "interval": behaviour.interval,
            }))
        }
        "Heartbeat" => Ok(json!({"currentTime": state.behaviour.clock.now()})),
        "Authorize" => {
            let id_tag = text(payload, "idTag")?;
            Ok(json!({"idTagInfo": state.behaviour.look_up(id_tag).to_json()}))
        }
        "StartTransaction" => start_transaction(state, payload),
        "StopTransaction" => {
            integer(payload, "transactionId")?;
            integer(payload, "meterStop")?;
            text(payload, "timestamp")?;
            // OCPP 1.6, 4.10: the stop cannot be refused, whatever the idTag's status is.
            match payload.get("idTag").and_then(Value::as_str) {
                Some(id_tag) => Ok(json!({"idTagInfo": state.behaviour.look_up(id_tag).to_json()})),
                None => Ok(json!({})),
            }
        }
        "MeterValues" => {
            integer(payload, "connectorId")?;
            match payload.get("meterValue") {
                Some(Value::Array(_)) => Ok(json!({})),
                Some(_) => Err(wrong_type("meterValue")),
                None => Err(missing("meterValue")),
            }
        }
        "StatusNotification" => {
            integer(payload, "connectorId")?;
            text(payload, "errorCode")?;
            text(payload, "status")?;
            Ok(json!({}))
        }
        "DataTransfer" => {
            text(payload, "vendorId")?;
            Ok(json!({"status": "Accepted"}))
        }
        // Not of the Core profile, but a charge point with more profiles sends them, and
        // there is nothing to decide.
        "DiagnosticsStatusNotification"
        | "FirmwareStatusNotification"
        | "LogStatusNotification"
        | "SecurityEventNotification"
        | "SignedFirmwareStatusNotification" => Ok(json!({})),
        "SignCertificate" => Ok(json!({"status": "Accepted"})),
        action => Err(Answer::error("NotImplemented", action)),
    }
}

fn start_transaction(state: &mut State, payload: &Value) -> Result<Value, Answer> {
    integer(payload, "connectorId")?;
    integer(payload, "meterStart")?;
    text(payload, "timestamp")?;
    let id_tag = text(payload, "idTag")?;
    let mut entry = state.behaviour.look_up(id_tag);
    if entry.status == IdTagStatus::Accepted
        && state.behaviour.concurrent_tx
        && is_charging(state, id_tag)
    {
        entry = IdTag {
            status: IdTagStatus::ConcurrentTx,
            ..entry
        };
    }
    // OCPP 1.6, 4.8: the start is a fact, so it gets an id even if the idTag is refused.
    let transaction_id = state.next_transaction_id;
    state.next_transaction_id = transaction_id.saturating_add(1);
    Ok(json!({"transactionId": transaction_id, "idTagInfo": entry.to_json()}))
}

fn is_charging(state: &State, id_tag: &str) -> bool {
    let mut transactions = state.books.stations.values().flat_map(|s| &s.transactions);
    transactions.any(|t| t.stop.is_none() && t.id_tag.eq_ignore_ascii_case(id_tag))
}

pub(crate) fn text<'a>(payload: &'a Value, field: &str) -> Result<&'a str, Answer> {
    let value = payload.get(field).ok_or_else(|| missing(field))?;
    value.as_str().ok_or_else(|| wrong_type(field))
}

fn integer(payload: &Value, field: &str) -> Result<i64, Answer> {
    let value = payload.get(field).ok_or_else(|| missing(field))?;
    value.as_i64().ok_or_else(|| wrong_type(field))
}

pub(crate) fn missing(field: &str) -> Answer {
    // The spelling of OCPP-J 1.6, 4.2.3.
    Answer::error("OccurenceConstraintViolation", field)
}

fn wrong_type(field: &str) -> Answer {
    Answer::error("TypeConstraintViolation", field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::{Behaviour, BootStatus, Clock};

    fn ask(state: &mut State, action: &str, payload: Value) -> Result<Value, Answer> {
        let call = Call {
            id: "1".into(),
            action: action.into(),
            payload,
        };
        answer(state, &call)
    }

    #[test]
    fn boot_and_heartbeat_follow_the_behaviour() {
        let mut state = State::new(
            Behaviour::new()
                .boot(BootStatus::Pending, 7)
                .clock(Clock::Fixed("2024-01-01T00:00:00Z".into())),
        );
        let boot = json!({"chargePointVendor": "V", "chargePointModel": "M"});
        assert_eq!(
            ask(&mut state, "BootNotification", boot),
            Ok(json!({"status": "Pending", "interval": 7, "currentTime": "2024-01-01T00:00:00Z"}))
        );
        assert_eq!(
            ask(&mut state, "Heartbeat", json!({})),
            Ok(json!({"currentTime": "2024-01-01T00:00:00Z"}))
        );
    }

    #[test]
    fn an_unknown_tag_still_gets_a_transaction_id() {
        let mut state = State::new(Behaviour::new().transactions_from(41));
        let start = json!({"connectorId": 1, "idTag": "X", "meterStart": 0, "timestamp": "t"});
        for id in [41, 42] {
            assert_eq!(
                ask(&mut state, "StartTransaction", start.clone()),
                Ok(json!({"transactionId": id, "idTagInfo": {"status": "Invalid"}}))
            );
        }
    }

    #[test]
    fn bad_payloads_and_unknown_actions_are_errors() {
        let mut state = State::new(Behaviour::new());
        for (action, payload, code) in [
            ("Authorize", json!({}), "OccurenceConstraintViolation"),
            ("Authorize", json!({"idTag": 5}), "TypeConstraintViolation"),
            ("Frobnicate", json!({}), "NotImplemented"),
        ] {
            match ask(&mut state, action, payload) {
                Err(Answer::Error { code: got, .. }) => assert_eq!(got, code),
                other => panic!("{other:?}"),
            }
        }
    }
}
