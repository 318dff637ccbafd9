//! The station, driven as fast as it goes: a central system that says yes to everything.

use std::collections::VecDeque;

use ocpp::{
    Station, Version,
    domain::{Equipment, IdToken, Identity},
    station::{Event, Input, Memory, Output, Profile, Reading},
    storage::MemoryStorage,
    wire::timestamp,
};
use serde_json::{Value, json};

pub type Store = MemoryStorage<32_768>;

/// A station that is powered.
pub struct Driven<'a> {
    station: Station<'a>,
    /// UTC at uptime 0.
    epoch: i64,
    pub now: u64,
    deadline: u64,
    answers: VecDeque<Value>,
    /// Limits that the application was told, in their order: when, and of which connector.
    pub told: Vec<(i64, u8)>,
    next_transaction: i64,
}

impl<'a> Driven<'a> {
    pub fn power_up(
        store: &'a mut Store,
        memory: &'a mut Memory,
        tx: &'a mut [u8],
        equipment: Equipment<'a>,
        connectors: u8,
        epoch: i64,
    ) -> Self {
        let profile = Profile {
            version: Version::V16,
            identity: Identity {
                vendor: "Acme",
                model: "Wallbox 11",
                ..Identity::default()
            },
            connectors,
            vendors: &[],
            measurands: None,
            settings: &[],
            boot_reason: None,
            firmware_mark: 0,
            transfer_protocols: &[],
            equipment,
            seed: 1,
        };
        let station = Station::new(profile, store, memory, tx, 0).unwrap();
        let mut driven = Self {
            station,
            epoch,
            now: 0,
            deadline: 0,
            answers: VecDeque::new(),
            told: Vec::new(),
            next_transaction: 100,
        };
        driven.poll();
        for (key, value) in [
            ("MeterValueSampleInterval", "0"),
            ("AllowOfflineTxForUnknownId", "true"),
        ] {
            let key = ocpp::station::Key::from_name(key).unwrap();
            driven.station.configure(0, key, value);
            driven.poll();
        }
        driven
    }

    /// Milliseconds of UTC.
    pub fn utc(&self) -> i64 {
        self.epoch + self.now as i64
    }

    pub fn limit(&self, connector: u8) -> Option<(u64, u64, u64)> {
        let limit = self.station.charging_limit(connector)?;
        Some((
            limit.deciamperes.into(),
            limit.watts.into(),
            limit.phases.into(),
        ))
    }

    /// Lets time pass, from one deadline to the next.
    pub fn advance_to(&mut self, now: u64) {
        while self.deadline <= now {
            self.now = self.deadline.max(self.now);
            self.poll();
        }
        self.now = now;
    }

    pub fn begin(&mut self, connector: u8) {
        let id_tag = &IdToken::try_from("TAG").unwrap();
        self.tell(Input::Start { connector, id_tag });
    }

    /// The answer to a CALL.
    pub fn ask(&mut self, action: &str, payload: &Value) -> Value {
        let frame = json!([2, "q", action, payload]).to_string();
        self.tell(Input::Frame(frame.as_bytes()));
        let answer = self
            .answers
            .pop_front()
            .unwrap_or_else(|| panic!("no answer to {frame}"));
        assert_eq!(answer[0], 3, "{answer} to {frame}");
        answer[2].clone()
    }

    fn tell(&mut self, input: Input<'_>) {
        self.station.handle(self.now, input).unwrap();
        self.poll();
    }

    fn poll(&mut self) {
        let mut part = String::new();
        loop {
            let mut reply = None;
            match self.station.poll(self.now) {
                Output::Wait(until) => {
                    assert!(until > self.now);
                    self.deadline = until;
                    return;
                }
                Output::Connect { .. } => {
                    self.station.handle(self.now, Input::Connected).unwrap();
                }
                Output::Disconnect => panic!("hangs up"),
                Output::SendPart(text) => part.push_str(text),
                Output::Send(text) => {
                    part.push_str(text);
                    let frame: Value = serde_json::from_str(&std::mem::take(&mut part)).unwrap();
                    match frame[0].as_i64() {
                        Some(2) => reply = Some(frame),
                        _ => self.answers.push_back(frame),
                    }
                }
                Output::Event(Event::ChargingLimit { connector, .. }) => {
                    self.told.push((self.epoch + self.now as i64, connector));
                }
                Output::Event(Event::MeterWanted(connector)) => {
                    let readings = &[Reading::energy(1_000)];
                    let input = Input::Meter {
                        connector,
                        readings,
                    };
                    self.station.handle(self.now, input).unwrap();
                }
                Output::Event(_) => {}
            }
            if let Some(call) = reply {
                let answer = self.reply(call[2].as_str().unwrap());
                let frame = json!([3, call[1], answer]).to_string();
                self.station
                    .handle(self.now, Input::Frame(frame.as_bytes()))
                    .unwrap();
            }
        }
    }

    fn reply(&mut self, action: &str) -> Value {
        let now = timestamp::format(self.epoch + self.now as i64);
        let now = String::from_utf8(now.to_vec()).unwrap();
        match action {
            "BootNotification" => {
                json!({ "status": "Accepted", "interval": 86_400, "currentTime": now })
            }
            "Heartbeat" => json!({ "currentTime": now }),
            "StartTransaction" => {
                self.next_transaction += 1;
                json!({ "transactionId": self.next_transaction, "idTagInfo": { "status": "Accepted" } })
            }
            _ => json!({}),
        }
    }
}
