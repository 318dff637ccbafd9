//! What happens in the demonstration.

use std::{thread, time::Duration};

use central_system::CentralSystem;
use ocpp::{
    domain::{Status, TransactionId},
    station::TransactionState,
};
use serde_json::{Value, json};

use super::watch::Watch;
use crate::{
    charge_point::Inbox,
    inbox::Message,
    report::{Happening, Report},
};

pub const IDENTITY: &str = "CP-DEMO";
/// Presented at connector 1.
pub const CARD: &str = "04A1B2C3D4E5F6";
/// Started remotely at connector 2.
pub const FOB: &str = "APP-7F3K";
/// Seconds between two samples.
pub const SAMPLE_INTERVAL: &str = "2";
/// Samples of each transaction to wait for.
pub const SAMPLES: usize = 4;
const MEASURANDS: &str = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,\
                          Voltage,SoC";
const PATIENCE: Duration = Duration::from_secs(15);
/// People need a moment between two things they do, and to read what has happened.
const MOMENT: Duration = Duration::from_millis(600);

/// What the script has learnt on its way.
#[derive(Debug, Default)]
pub struct Played {
    /// Why it did not come to its end.
    pub problem: Option<String>,
    /// What GetConfiguration says of MeterValueSampleInterval.
    pub sample_interval: Option<String>,
    /// The numbers of the transactions as the charge point was told.
    pub transaction_ids: [Option<TransactionId>; 2],
}

/// The two sides, and who tells about them.
pub struct Stage<'a> {
    central: &'a CentralSystem,
    inbox: &'a Inbox,
    watch: &'a mut Watch,
    report: &'a mut Report,
}

impl<'a> Stage<'a> {
    pub fn new(
        central: &'a CentralSystem,
        inbox: &'a Inbox,
        watch: &'a mut Watch,
        report: &'a mut Report,
    ) -> Self {
        Self {
            central,
            inbox,
            watch,
            report,
        }
    }

    /// Plays the whole script, or as much as goes well.
    pub fn play(&mut self) -> Played {
        let mut played = Played::default();
        played.problem = self.scenes(&mut played).err();
        if let Some(problem) = &played.problem {
            self.report.error(problem.clone());
        }
        played
    }

    fn scenes(&mut self, played: &mut Played) -> Result<(), String> {
        self.watch.wait("registration", |happening| {
            matches!(happening, Happening::Registered(_)).then_some(())
        })?;
        self.wait_books(
            "the first StatusNotification of each connector",
            |station| (0..=2).all(|connector| station.status(connector) == Some("Available")),
        )?;

        self.chapter("the central system configures the charge point");
        self.change("MeterValueSampleInterval", SAMPLE_INTERVAL)?;
        self.change("MeterValuesSampledData", MEASURANDS)?;
        let asked = json!({"key": ["MeterValueSampleInterval"]});
        let told = self.call("GetConfiguration", asked)?;
        let value = told.pointer("/configurationKey/0/value");
        played.sample_interval = value.and_then(Value::as_str).map(str::to_owned);

        self.chapter("connector 1: a cable, then an idTag");
        self.command("plug 1")?;
        self.watch.wait_status(1, Status::Preparing)?;
        thread::sleep(MOMENT);
        self.command(&format!("tag 1 {CARD}"))?;
        let id = self.watch.wait_transaction(1, TransactionState::Accepted)?;
        played.transaction_ids[0] = id;

        self.chapter("connector 2: a remote start, then a cable");
        let asked = json!({"connectorId": 2, "idTag": FOB});
        self.accepted("RemoteStartTransaction", asked)?;
        self.watch.wait_status(2, Status::Preparing)?;
        thread::sleep(MOMENT);
        self.command("power 2 7400")?;
        self.command("plug 2")?;
        let id = self.watch.wait_transaction(2, TransactionState::Accepted)?;
        played.transaction_ids[1] = id;

        self.chapter("both charge");
        self.wait_books("meter values of both transactions", |station| {
            let sampled = |t: &central_system::Transaction| t.meter_values >= SAMPLES;
            station.transactions.len() == 2 && station.transactions.iter().all(sampled)
        })?;

        self.chapter("connector 1: the same idTag ends the transaction");
        self.command(&format!("tag 1 {CARD}"))?;
        self.watch.wait_transaction(1, TransactionState::Reported)?;
        thread::sleep(MOMENT);
        self.command("unplug 1")?;
        self.watch.wait_status(1, Status::Available)?;

        self.chapter("connector 2: a remote stop");
        let asked =
            json!({"transactionId": played.transaction_ids[1].and_then(TransactionId::number)});
        self.accepted("RemoteStopTransaction", asked)?;
        self.watch.wait_transaction(2, TransactionState::Reported)?;
        thread::sleep(MOMENT);
        self.command("unplug 2")?;
        self.watch.wait_status(2, Status::Available)
    }

    /// Switches the charge point off.
    pub fn end(&mut self) {
        // It is not received where the station has ended by itself.
        let _ = self.inbox.send(Message::EndOfInput);
    }

    fn chapter(&mut self, title: &str) {
        thread::sleep(MOMENT);
        self.report.tell(Happening::Chapter(title.to_owned()));
    }

    fn command(&self, line: &str) -> Result<(), String> {
        let sent = self.inbox.send(Message::Line(line.to_owned()));
        sent.map_err(|_| "the charge point has ended".to_owned())
    }

    fn call(&self, action: &str, payload: Value) -> Result<Value, String> {
        self.central
            .call(IDENTITY, action, payload, PATIENCE)
            .map_err(|failure| format!("{action}: {failure}"))
    }

    fn accepted(&self, action: &str, payload: Value) -> Result<(), String> {
        let answer = self.call(action, payload)?;
        match answer.get("status").and_then(Value::as_str) {
            Some("Accepted") => Ok(()),
            _ => Err(format!("{action} was answered with {answer}")),
        }
    }

    fn change(&self, key: &str, value: &str) -> Result<(), String> {
        self.accepted("ChangeConfiguration", json!({"key": key, "value": value}))
    }

    fn wait_books(
        &self,
        what: &str,
        condition: impl Fn(&central_system::Station) -> bool,
    ) -> Result<(), String> {
        let satisfied = self.central.wait_for(PATIENCE, |books| {
            books.station(IDENTITY).is_some_and(&condition)
        });
        satisfied
            .then_some(())
            .ok_or_else(|| format!("waited in vain: {what}"))
    }
}
