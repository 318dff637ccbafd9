//! A central system that knows which transactions it was told of.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::grammar::time;

/// A transaction, as its start said it: the same one has the same number however often it is told.
type Start = (Value, Value, Value);

/// What it was told.
#[derive(Debug, Default)]
pub struct CentralSystem {
    starts: BTreeMap<String, i64>,
    stopped: Vec<i64>,
}

impl CentralSystem {
    /// The payload of the answer to a CALL, as all is well. Seconds since 1970.
    pub fn answer(&mut self, action: &str, payload: &Value, now: i64) -> Value {
        let accepted = json!({ "status": "Accepted" });
        match action {
            "BootNotification" => {
                json!({ "currentTime": time(now), "interval": 300, "status": "Accepted" })
            }
            "Heartbeat" => json!({ "currentTime": time(now) }),
            "Authorize" => json!({ "idTagInfo": accepted, "idTokenInfo": accepted }),
            "StartTransaction" => {
                let start: Start = (
                    payload["connectorId"].clone(),
                    payload["idTag"].clone(),
                    payload["meterStart"].clone(),
                );
                let next = self.starts.len() as i64 + 1;
                let id = *self.starts.entry(format!("{start:?}")).or_insert(next);
                json!({ "idTagInfo": accepted, "transactionId": id })
            }
            "StopTransaction" => {
                self.stopped.extend(payload["transactionId"].as_i64());
                json!({})
            }
            "DataTransfer" => accepted,
            _ => json!({}),
        }
    }

    /// The transactions that were started and never stopped.
    pub fn open(&self) -> Vec<i64> {
        let ids = self.starts.values().copied();
        ids.filter(|id| !self.stopped.contains(id)).collect()
    }
}
