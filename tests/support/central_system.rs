//! A central system that does what a test tells it, and otherwise says yes.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::frames::Sent;

/// The first transactionId that is given.
pub const FIRST_TRANSACTION: usize = 101;

/// What comes back for a CALL.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A CALLRESULT.
    Result(Value),
    /// A CALLERROR with that code.
    Error(&'static str),
    /// Nothing.
    Never,
    /// Something, that many milliseconds later.
    After(u64, Box<Reply>),
    /// The connection breaks and can be made again at once.
    Cut,
    /// This text, with the message id for `{id}`.
    Raw(String),
}

impl Reply {
    pub fn after(self, ms: u64) -> Self {
        Self::After(ms, Box::new(self))
    }

    /// The central system has done what it was asked for, whether it says so or not.
    pub fn is_of_success(&self) -> bool {
        match self {
            Self::Result(_) | Self::Never | Self::Cut | Self::Raw(_) => true,
            Self::Error(_) => false,
            Self::After(_, reply) => reply.is_of_success(),
        }
    }
}

/// `{"status":"Accepted"}` as the idTagInfo of an answer.
pub fn accepted() -> Value {
    id_tag_info("Accepted")
}

/// An idTagInfo with that status and nothing else.
pub fn id_tag_info(status: &str) -> Value {
    json!({ "status": status })
}

#[derive(Debug)]
pub struct CentralSystem {
    once: HashMap<String, VecDeque<Reply>>,
    always: HashMap<String, Reply>,
    tags: HashMap<String, Value>,
    /// transactionIds by the message id of their StartTransaction: one that is sent again is
    /// the same transaction.
    started: HashMap<String, usize>,
    /// Answer to BootNotification.
    pub registration: (&'static str, i64),
}

impl CentralSystem {
    pub fn new() -> Self {
        Self {
            once: HashMap::new(),
            always: HashMap::new(),
            tags: HashMap::new(),
            started: HashMap::new(),
            registration: ("Accepted", 300),
        }
    }

    pub fn reply_once(&mut self, action: &str, reply: Reply) {
        let queue = self.once.entry(action.to_owned()).or_default();
        queue.push_back(reply);
    }

    pub fn reply_always(&mut self, action: &str, reply: Reply) {
        self.always.insert(action.to_owned(), reply);
    }

    /// Back to saying yes.
    pub fn reply_normally(&mut self, action: &str) {
        self.once.remove(action);
        self.always.remove(action);
    }

    pub fn reply_normally_to_all(&mut self) {
        self.once.clear();
        self.always.clear();
    }

    pub fn know_tag(&mut self, id_tag: &str, info: Value) {
        self.tags.insert(id_tag.to_ascii_uppercase(), info);
    }

    /// The transactionId that was given to a StartTransaction.
    pub fn transaction_id(&self, start: &Sent) -> Option<i64> {
        let id = self.started.get(&start.id)?;
        i64::try_from(*id).ok()
    }

    /// The transactionId that was given last.
    pub fn last_transaction_id(&self) -> usize {
        FIRST_TRANSACTION + self.started.len() - 1
    }

    pub fn reply(&mut self, call: &Sent, utc: &str) -> Reply {
        let (action, payload) = (call.action.as_str(), &call.payload);
        let scripted = self.once.get_mut(action).and_then(VecDeque::pop_front);
        if let Some(reply) = scripted.or_else(|| self.always.get(action).cloned()) {
            return reply;
        }
        let info = || {
            let token = payload["idToken"]["idToken"].as_str();
            let id_tag = token.or(payload["idTag"].as_str()).unwrap_or("");
            let known = self.tags.get(&id_tag.to_ascii_uppercase());
            known.cloned().unwrap_or_else(accepted)
        };
        Reply::Result(match action {
            "BootNotification" => json!({
                "status": self.registration.0,
                "interval": self.registration.1,
                "currentTime": utc,
            }),
            "Heartbeat" => json!({ "currentTime": utc }),
            "Authorize" if payload.get("idToken").is_some() => json!({ "idTokenInfo": info() }),
            "Authorize" => json!({ "idTagInfo": info() }),
            "TransactionEvent" if payload.get("idToken").is_some() => {
                json!({ "idTokenInfo": info() })
            }
            "StartTransaction" => {
                let next = FIRST_TRANSACTION + self.started.len();
                let info = info();
                let id = *self.started.entry(call.id.clone()).or_insert(next);
                json!({ "idTagInfo": info, "transactionId": id })
            }
            "StopTransaction" if payload.get("idTag").is_some() => json!({ "idTagInfo": info() }),
            "DataTransfer" | "SignCertificate" => json!({ "status": "Accepted" }),
            "StopTransaction"
            | "StatusNotification"
            | "MeterValues"
            | "TransactionEvent"
            | "NotifyReport"
            | "FirmwareStatusNotification"
            | "DiagnosticsStatusNotification"
            | "SecurityEventNotification"
            | "LogStatusNotification"
            | "SignedFirmwareStatusNotification" => {
                json!({})
            }
            _ => panic!("a charge point never asks for {action}"),
        })
    }
}
