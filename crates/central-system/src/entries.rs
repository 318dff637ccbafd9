//! How a processed CALL is entered in the books.
//!
//! Entries are forgiving: what a payload lacks becomes an empty value, because whether the
//! payload is acceptable was decided before.

use serde_json::Value;

use crate::books::{Connector, Station, Stop, Transaction};

impl Station {
    /// Enters a CALL that was answered, or would have been answered, with `result`.
    pub(crate) fn enter(&mut self, action: &str, payload: &Value, result: &Value) {
        match action {
            "BootNotification" => {
                self.boot = Some(payload.clone());
                self.registration = optional_text(result, "status");
            }
            "StatusNotification" => self.enter_status(payload),
            "StartTransaction" => self.enter_start(payload, result),
            "StopTransaction" => self.enter_stop(payload),
            "TransactionEvent" => self.enter_event(payload),
            "MeterValues" => {
                if let Some(transaction) = self.find(payload) {
                    transaction.meter_values += elements(payload, "meterValue");
                }
            }
            _ => {}
        }
    }

    /// Counts a frame that says once more what was entered before.
    pub(crate) fn enter_again(&mut self, action: &str, payload: &Value, result: &Value) {
        self.duplicates += 1;
        match action {
            // The transactionId of a start is only in its answer.
            "StartTransaction" => {
                if let Some(transaction) = self.find(result) {
                    transaction.start_frames += 1;
                }
            }
            "StopTransaction" => self.enter_stop(payload),
            _ => {}
        }
    }

    fn enter_status(&mut self, payload: &Value) {
        // OCPP 2.0.1 counts EVSEs, and has another name for it.
        let number = payload.get("evseId").and_then(Value::as_u64);
        let number = number.and_then(|number| u32::try_from(number).ok());
        let number = number.unwrap_or_else(|| connector_id(payload));
        let status = optional_text(payload, "connectorStatus");
        let connector = self.connectors.entry(number).or_default();
        *connector = Connector {
            status: status.unwrap_or_else(|| text(payload, "status")),
            error_code: text(payload, "errorCode"),
            timestamp: optional_text(payload, "timestamp"),
            notifications: connector.notifications + 1,
        };
    }

    fn enter_start(&mut self, payload: &Value, result: &Value) {
        // A hook may answer without one; then nothing can ever refer to the transaction.
        let Some(id) = result.get("transactionId").and_then(Value::as_i64) else {
            return;
        };
        self.transactions.push(Transaction {
            id,
            name: None,
            connector_id: connector_id(payload),
            id_tag: text(payload, "idTag"),
            id_tag_status: text(result.get("idTagInfo").unwrap_or(&Value::Null), "status"),
            meter_start: number(payload, "meterStart"),
            started_at: text(payload, "timestamp"),
            reservation_id: payload.get("reservationId").and_then(Value::as_i64),
            meter_values: 0,
            start_frames: 1,
            stop_frames: 0,
            stop: None,
        });
    }

    fn enter_stop(&mut self, payload: &Value) {
        let Some(transaction) = self.find(payload) else {
            self.stray_stops += 1;
            return;
        };
        transaction.stop_frames += 1;
        // The first stop stands: a second one must not change what was charged.
        transaction.stop.get_or_insert_with(|| Stop {
            meter_stop: number(payload, "meterStop"),
            timestamp: text(payload, "timestamp"),
            reason: optional_text(payload, "reason"),
            id_tag: optional_text(payload, "idTag"),
            transaction_data: elements(payload, "transactionData"),
        });
    }

    /// The transaction that a payload names. The newest one, should a hook have given an id
    /// out twice.
    fn find(&mut self, payload: &Value) -> Option<&mut Transaction> {
        let id = payload.get("transactionId")?.as_i64()?;
        self.transactions.iter_mut().rev().find(|t| t.id == id)
    }
}

fn optional_text(payload: &Value, field: &str) -> Option<String> {
    payload.get(field)?.as_str().map(str::to_owned)
}

fn text(payload: &Value, field: &str) -> String {
    optional_text(payload, field).unwrap_or_default()
}

fn number(payload: &Value, field: &str) -> i64 {
    payload.get(field).and_then(Value::as_i64).unwrap_or(0)
}

fn connector_id(payload: &Value) -> u32 {
    u32::try_from(number(payload, "connectorId")).unwrap_or(0)
}

fn elements(payload: &Value, field: &str) -> usize {
    payload
        .get(field)
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_stop_stands() {
        let mut station = Station::default();
        let start = json!({"connectorId": 2, "idTag": "T", "meterStart": 10, "timestamp": "a"});
        let result = json!({"transactionId": 7, "idTagInfo": {"status": "Accepted"}});
        station.enter("StartTransaction", &start, &result);
        station.enter_again("StartTransaction", &start, &result);
        for meter_stop in [50, 60] {
            let stop = json!({"transactionId": 7, "meterStop": meter_stop, "timestamp": "b"});
            station.enter("StopTransaction", &stop, &json!({}));
        }
        station.enter("StopTransaction", &json!({"transactionId": 8}), &json!({}));

        let transaction = station.transaction(7).unwrap();
        assert_eq!((transaction.connector_id, transaction.meter_start), (2, 10));
        assert_eq!((transaction.start_frames, transaction.stop_frames), (2, 2));
        assert_eq!(transaction.stop.as_ref().unwrap().meter_stop, 50);
        assert_eq!((station.stray_stops, station.duplicates), (1, 1));
    }
}
