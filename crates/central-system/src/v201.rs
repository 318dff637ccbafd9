//! The standard answers to messages of OCPP 2.0.1, and what of them is entered in the books.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::books::{Station, Stop, Transaction};
use crate::core_profile::{missing, text};
use crate::rpc::Call;
use crate::shared::State;

/// Answers a CALL from the tables of the behaviour; `Err` is an [`Answer::Error`].
pub(crate) fn answer(state: &mut State, call: &Call) -> Result<Value, Answer> {
    let payload = &call.payload;
    let behaviour = &state.behaviour;
    match call.action.as_str() {
        "BootNotification" => {
            payload
                .get("chargingStation")
                .ok_or_else(|| missing("chargingStation"))?;
            Ok(json!({
                "status": behaviour.boot_status.as_str(),
                "currentTime": behaviour.clock.now(),
                "interval": behaviour.interval,
            }))
        }
        "Heartbeat" => Ok(json!({"currentTime": behaviour.clock.now()})),
        "Authorize" => {
            let token = payload.get("idToken").ok_or_else(|| missing("idToken"))?;
            Ok(json!({"idTokenInfo": info(state, token)?}))
        }
        "TransactionEvent" => {
            text(payload, "eventType")?;
            match payload.get("idToken") {
                Some(token) => Ok(json!({"idTokenInfo": info(state, token)?})),
                None => Ok(json!({})),
            }
        }
        "DataTransfer" => {
            text(payload, "vendorId")?;
            Ok(json!({"status": "Accepted"}))
        }
        "SignCertificate" => Ok(json!({"status": "Accepted"})),
        "FirmwareStatusNotification"
        | "LogStatusNotification"
        | "MeterValues"
        | "NotifyCustomerInformation"
        | "NotifyEvent"
        | "NotifyMonitoringReport"
        | "NotifyReport"
        | "ReservationStatusUpdate"
        | "SecurityEventNotification"
        | "StatusNotification" => Ok(json!({})),
        action => Err(Answer::error("NotImplemented", action)),
    }
}

fn info(state: &State, token: &Value) -> Result<Value, Answer> {
    let entry = state.behaviour.look_up(text(token, "idToken")?);
    Ok(json!({"status": entry.status.as_str()}))
}

impl Station {
    /// Enters an event of a transaction. The station gave it its name: its place in the books is its
    /// number.
    pub(crate) fn enter_event(&mut self, payload: &Value) {
        let at = |path: &str| {
            payload
                .pointer(path)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let Some(name) = at("/transactionInfo/transactionId") else {
            return;
        };
        let place = self
            .transactions
            .iter()
            .rposition(|t| t.name.as_ref() == Some(&name));
        let kind = at("/eventType").unwrap_or_default();
        let timestamp = at("/timestamp").unwrap_or_default();
        let place = place.unwrap_or_else(|| {
            self.transactions.push(Transaction {
                id: self.transactions.len() as i64 + 1,
                name: Some(name),
                connector_id: payload
                    .pointer("/evse/id")
                    .and_then(Value::as_u64)
                    .and_then(|id| u32::try_from(id).ok())
                    .unwrap_or_default(),
                id_tag: at("/idToken/idToken").unwrap_or_default(),
                id_tag_status: String::new(),
                meter_start: 0,
                started_at: timestamp.clone(),
                reservation_id: payload.get("reservationId").and_then(Value::as_i64),
                meter_values: 0,
                start_frames: 0,
                stop_frames: 0,
                stop: None,
            });
            self.transactions.len() - 1
        });
        let Some(transaction) = self.transactions.get_mut(place) else {
            return;
        };
        match kind.as_str() {
            "Started" => transaction.start_frames += 1,
            "Ended" => {
                transaction.stop_frames += 1;
                transaction.stop.get_or_insert_with(|| Stop {
                    meter_stop: 0,
                    timestamp,
                    reason: at("/transactionInfo/stoppedReason"),
                    id_tag: at("/idToken/idToken"),
                    transaction_data: 0,
                });
            }
            _ => {
                let values = payload.get("meterValue").and_then(Value::as_array);
                transaction.meter_values += values.map_or(0, Vec::len);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;
    use crate::id_tag::IdTag;

    #[test]
    fn a_transaction_is_entered_by_the_name_that_its_station_gave_it() {
        let mut state = State::new(Behaviour::new().tag("T", IdTag::accepted()));
        let mut station = Station::default();
        for (number, kind) in ["Started", "Updated", "Updated", "Ended"]
            .into_iter()
            .enumerate()
        {
            let payload = json!({
                "eventType": kind, "timestamp": "t", "seqNo": number,
                "transactionInfo": {"transactionId": "a"}, "evse": {"id": 2},
                "idToken": {"idToken": "T", "type": "ISO14443"},
                "meterValue": [{"timestamp": "t", "sampledValue": [{"value": 1}]}],
            });
            station.enter_event(&payload);
            let call = Call {
                id: number.to_string(),
                action: "TransactionEvent".into(),
                payload,
            };
            let answer = answer(&mut state, &call).unwrap();
            assert_eq!(answer["idTokenInfo"]["status"], "Accepted");
        }
        let [transaction] = station.transactions.as_slice() else {
            panic!("{:?}", station.transactions);
        };
        assert_eq!((transaction.connector_id, transaction.meter_values), (2, 2));
        assert!(transaction.stop.is_some());
    }
}
