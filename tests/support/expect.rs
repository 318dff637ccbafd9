//! What a test reads off the bench.

use ocpp::{
    Station,
    domain::{Measurand, Status},
    station::{Event, ReceivedDataTransfer, TransactionState},
};
use serde_json::Value;

use super::{bench::Bench, frames::Sent};

impl Bench {
    /// The next CALL the station sent, which has to be of that action: its payload.
    pub fn expect_call(&mut self, action: &str) -> Value {
        self.expect_sent(action).payload
    }

    /// [`Bench::expect_call`], with id and time.
    pub fn expect_sent(&mut self, action: &str) -> Sent {
        match self.unread.pop_front() {
            Some(call) if call.action == action => call,
            other => panic!("expected {action}, not {other:#?}"),
        }
    }

    /// The next CALL of that action, passing over others before it.
    pub fn find_call(&mut self, action: &str) -> Value {
        self.find_sent(action).payload
    }

    /// [`Bench::find_call`], with id and time.
    pub fn find_sent(&mut self, action: &str) -> Sent {
        let mut others = Vec::new();
        while let Some(call) = self.unread.pop_front() {
            if call.action == action {
                return call;
            }
            others.push(call.action);
        }
        panic!("no {action} among {others:?}");
    }

    /// [`Bench::find_call`], and how many MeterValue were sent before it.
    pub fn find_call_after(&mut self, action: &str) -> (usize, Value) {
        let mut values = 0;
        loop {
            let call = self.unread.pop_front();
            let call = call.unwrap_or_else(|| panic!("no {action}"));
            match call.action == action {
                true => return (values, call.payload),
                false => values += call.payload["meterValue"].as_array().map_or(0, Vec::len),
            }
        }
    }

    /// A StatusNotification is next: of that connector, with that status.
    pub fn expect_status(&mut self, connector: u8, status: &str) -> Value {
        let payload = self.expect_call("StatusNotification");
        assert_eq!(
            (payload["connectorId"].as_u64(), payload["status"].as_str()),
            (Some(connector.into()), Some(status)),
            "{payload}"
        );
        payload
    }

    /// The end of a transaction is next: StopTransaction, which is given, and the status in the
    /// end, in whichever order; `Finishing` may come before that.
    pub fn expect_stop(&mut self, connector: u8, status: &str) -> Value {
        let mut stop = None;
        let mut reached = false;
        while stop.is_none() || !reached {
            if self.next_action() == Some("StopTransaction") {
                assert!(stop.is_none(), "a second StopTransaction");
                stop = Some(self.expect_call("StopTransaction"));
                continue;
            }
            let report = self.expect_call("StatusNotification");
            assert_eq!(report["connectorId"], connector);
            reached = report["status"] == status;
            assert!(reached || report["status"] == "Finishing", "{report}");
        }
        stop.unwrap_or_default()
    }

    /// A boot is next: BootNotification, and the status of every connector.
    pub fn expect_boot(&mut self) {
        self.expect_call("BootNotification");
        for connector in 0..=self.setup.connectors {
            let status = self.expect_call("StatusNotification");
            assert_eq!(status["connectorId"].as_u64(), Some(connector.into()));
        }
    }

    /// Everything the station called has been read.
    pub fn expect_no_call(&mut self) {
        let calls: Vec<_> = self.unread.iter().collect();
        assert!(calls.is_empty(), "not expected: {calls:#?}");
    }

    /// All CALLs of one action that have not been read; others are passed over.
    pub fn all_sent(&mut self, action: &str) -> Vec<Sent> {
        let calls = self.unread.drain(..);
        calls.filter(|call| call.action == action).collect()
    }

    /// [`Bench::all_sent`]: the payloads only.
    pub fn all_calls(&mut self, action: &str) -> Vec<Value> {
        let sent = self.all_sent(action).into_iter();
        sent.map(|call| call.payload).collect()
    }

    /// The statuses of all CALLs of that action that have not been read, and stay so.
    pub fn statuses_of(&self, action: &str) -> Vec<String> {
        let calls = self.unread.iter().filter(|call| call.action == action);
        let statuses = calls.filter_map(|call| call.payload["status"].as_str());
        statuses.map(str::to_owned).collect()
    }

    /// The transactionId that the central system gave to a StartTransaction.
    pub fn transaction_id(&self, start: &Sent) -> Option<i64> {
        self.central_system.transaction_id(start)
    }

    /// The transactionId that the central system gave last.
    pub fn last_transaction_id(&self) -> usize {
        self.central_system.last_transaction_id()
    }

    /// All CALLs that have not been read.
    pub fn take_sent(&mut self) -> Vec<Sent> {
        self.unread.drain(..).collect()
    }

    /// The messages of transactions among all CALLs that have not been read.
    pub fn take_transaction_messages(&mut self) -> Vec<Sent> {
        let mut calls = self.take_sent();
        calls.retain(|call| call.action.ends_with("Transaction") || call.action == "MeterValues");
        calls
    }

    /// Actions of all CALLs that have not been read.
    pub fn actions(&mut self) -> Vec<String> {
        let calls = self.unread.drain(..);
        calls.map(|call| call.action).collect()
    }

    /// Action of the next CALL that has not been read.
    pub fn next_action(&self) -> Option<&str> {
        self.unread.front().map(|call| call.action.as_str())
    }

    /// CALLs and answers in the order in which they were sent: `Action`, `-> Action`.
    pub fn order(&self) -> Vec<&str> {
        self.sent.iter().map(String::as_str).collect()
    }

    /// What happened so far is not of interest.
    pub fn forget(&mut self) {
        self.unread.clear();
        self.sent.clear();
        self.events.clear();
        self.attempts.clear();
    }

    /// Events since the last [`Bench::forget`].
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// An event was told.
    pub fn saw(&self, event: &Event) -> bool {
        self.events.contains(event)
    }

    /// States that transactions of a connector went through.
    pub fn transaction_states(&self, of: u8) -> Vec<TransactionState> {
        let states = self.events.iter().filter_map(|event| match *event {
            Event::Transaction {
                connector, state, ..
            } if connector == of => Some(state),
            _ => None,
        });
        states.collect()
    }

    /// Everything a stray frame could have changed, as text.
    pub fn digest(&mut self) -> String {
        let configuration = self.configuration();
        let mut digest = format!(
            "{configuration} {:?} {} {}",
            self.disk.snapshot(),
            self.queued(),
            self.is_online(),
        );
        for connector in 0..=self.setup.connectors {
            let running = self.station.transaction(connector);
            let energy = self.has_energy(connector);
            let status = self.status(connector);
            digest += &format!("\n{connector}: {status:?} {energy} {running:?}");
        }
        digest
    }

    /// A connector's status, as the station told the application last.
    pub fn status(&self, connector: u8) -> Option<Status> {
        self.statuses.get(&connector).copied()
    }

    /// Energy may flow.
    pub fn has_energy(&self, connector: u8) -> bool {
        self.meters[usize::from(connector)].flowing
    }

    pub fn is_charging(&self, connector: u8) -> bool {
        self.station.transaction(connector).is_some()
    }

    pub fn is_connected(&self) -> bool {
        self.connected
    }

    pub fn is_online(&self) -> bool {
        self.station.is_online()
    }

    /// The DataTransfer that waits for the application.
    pub fn received_data_transfer(&self) -> Option<ReceivedDataTransfer<'_>> {
        self.station.received_data_transfer()
    }

    /// Transaction messages that wait for the central system.
    pub fn queued(&self) -> usize {
        self.station.queued()
    }

    /// UTC that it is not earlier than, as far as the station knows.
    pub fn not_before(&self) -> Option<i64> {
        self.station.not_before()
    }

    /// Whether the station has any use for a reading of that kind.
    pub fn wants(&self, measurand: Measurand) -> bool {
        self.station.wants(measurand)
    }

    /// The station, to be looked at.
    pub fn station(&self) -> &Station<'static> {
        &self.station
    }

    /// For what is looked at in storage.
    pub fn station_mut(&mut self) -> &mut Station<'static> {
        &mut self.station
    }

    /// Virtual time in milliseconds.
    pub fn now(&self) -> u64 {
        self.now
    }
}

/// Sampled values of the first MeterValue of a MeterValues payload, or of a MeterValue itself.
pub fn sampled(meter_value: &Value) -> Vec<&Value> {
    let value = meter_value
        .get("meterValue")
        .map_or(meter_value, |list| &list[0]);
    value["sampledValue"].as_array().unwrap().iter().collect()
}
