//! What happens to a charge point, as a list that can be run again and again.

use std::collections::BTreeMap;

use ocpp::{
    domain::{ChargePointError, Reason, ResetType},
    station::{Input, Setting, Suspension},
};
use serde_json::json;

#[cfg(feature = "firmware-management")]
use crate::support::Installation;
use crate::support::{Bench, MINUTE, Reply, Setup, id_tag};

/// How the central system fails on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It does what it is asked, and its answer is lost.
    AnswerLost,
    /// The same, and the connection breaks with it.
    ConnectionLost,
    /// CALLERROR.
    Error,
    /// An answer that cannot be read.
    Garbage,
    /// An empty answer after 20 seconds, which is one of MeterValues only.
    SlowlyNothing,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Plug(u8),
    Unplug(u8),
    Tag(u8, &'static str),
    Start(u8, &'static str),
    Stop(u8, Reason),
    Suspend(u8, bool),
    Fault(u8, bool),
    /// Seconds pass.
    Wait(u64),
    /// The network is there, or not.
    Link(bool),
    /// The connection breaks and can be made again.
    Cut,
    /// The next message with that action fails.
    Fail(&'static str, Failure),
    /// ChangeConfiguration.
    Set(&'static str, &'static str),
    /// ChangeAvailability.
    Operative(u8, bool),
    RemoteStart(u8, &'static str),
    /// The last transaction that was reported.
    RemoteStop,
    Unlock(u8),
    /// The central system asks for it.
    Reset(&'static str),
    /// UpdateFirmware, and how the application installs it.
    #[cfg(feature = "firmware-management")]
    Update(Installation),
    /// GetDiagnostics.
    #[cfg(feature = "firmware-management")]
    GetLog,
    /// The application asks for it.
    Reboot(ResetType),
    /// Power is away for so many seconds.
    PowerLoss(u64),
    /// Another clock than the central system's tells the time.
    Time,
    /// The central system's clock jumps so many seconds.
    ClockJump(i64),
    /// Storage takes nothing more than it holds, or does again.
    Full(bool),
    /// Storage fails, or works again.
    Broken(bool),
    /// The meters answer, or not. No script lets one be silent for longer than the end of what power
    /// cut off waits for it, nor at an end.
    Meters(bool),
}

/// A story, and how it begins.
#[derive(Clone, Debug)]
pub struct Script {
    pub name: &'static str,
    pub setup: Setup,
    /// It begins without a connection: the time is not known.
    pub is_cold: bool,
    /// Keys that are set before it begins.
    pub keys: &'static [(&'static str, &'static str)],
    pub acts: Vec<Act>,
}

impl Script {
    pub fn new(name: &'static str, acts: &[Act]) -> Self {
        Self {
            name,
            setup: Setup::default(),
            is_cold: false,
            keys: &[],
            acts: acts.to_vec(),
        }
    }

    /// It begins without a connection.
    pub fn cold(mut self) -> Self {
        self.is_cold = true;
        self
    }

    pub fn with_keys(mut self, keys: &'static [(&'static str, &'static str)]) -> Self {
        self.keys = keys;
        self
    }

    /// Of a charge point with settings of its own.
    pub fn with_settings(mut self, settings: &'static [Setting<'static>]) -> Self {
        self.setup.settings = settings;
        self
    }

    /// With a transmit buffer of that many bytes.
    pub fn with_tx(mut self, tx: usize) -> Self {
        self.setup.tx = tx;
        self
    }

    /// Time stamps tell nothing where clocks jump.
    pub fn clock_is_right(&self) -> bool {
        let jumps = |act: &Act| matches!(act, Act::ClockJump(_));
        !self.is_cold && !self.acts.iter().any(jumps)
    }

    /// StopTransaction tells of readings that MeterValues have told of, or has no room for them.
    pub fn has_transaction_data(&self) -> bool {
        let set = self.acts.iter().filter_map(|act| match act {
            Act::Set(key, _) => Some(*key),
            _ => None,
        });
        let mut keys = self.keys.iter().map(|(key, _)| *key).chain(set);
        keys.any(|key| key.starts_with("StopTxn"))
    }

    /// What is stored may be older than the register where storage takes nothing.
    pub fn storage_works(&self) -> bool {
        let fails = |act: &Act| matches!(act, Act::Full(true) | Act::Broken(true));
        !self.acts.iter().any(fails)
    }

    /// The bench when the story begins.
    pub fn bench(&self) -> Bench {
        let mut bench = Bench::with(self.setup);
        for (key, value) in ALWAYS.iter().chain(self.keys) {
            bench.set(key, value);
        }
        if self.is_cold {
            bench.power_off();
            bench.disconnect();
            bench.power_on();
        }
        bench.forget();
        bench
    }
}

/// Nothing is given up, and everybody may charge without a connection.
const ALWAYS: [(&str, &str); 3] = [
    ("TransactionMessageAttempts", "100"),
    ("TransactionMessageRetryInterval", "1"),
    ("AllowOfflineTxForUnknownId", "true"),
];

/// A script being performed, and what the charge point has promised meanwhile.
pub struct Story {
    pub bench: Bench,
    /// Values of keys that ChangeConfiguration was accepted for.
    pub values: BTreeMap<&'static str, &'static str>,
    /// Connectors that are to be in service, or not.
    pub operative: BTreeMap<u8, bool>,
    /// Messages that have to tell of an end, because that was promised.
    pub endings: Vec<&'static str>,
}

impl Story {
    pub fn of(script: &Script) -> Self {
        Self {
            bench: script.bench(),
            values: BTreeMap::new(),
            operative: BTreeMap::new(),
            endings: Vec::new(),
        }
    }

    /// Whatever cannot be done now is not done.
    pub fn perform(&mut self, act: Act) {
        let bench = &mut self.bench;
        match act {
            Act::Wait(seconds) => return bench.advance(1_000 * seconds),
            Act::Meters(true) => return (1..=2).for_each(|meter| bench.mend_meter(meter)),
            Act::Meters(false) => return (1..=2).for_each(|meter| bench.break_meter(meter)),
            _ => {}
        }
        if !bench.is_powered() {
            return;
        }
        match act {
            Act::Link(false) => bench.disconnect(),
            Act::Link(true) => bench.allow_connections(),
            Act::Cut => bench.cut(),
            Act::Fail(action, failure) => bench.reply_once(action, reply(failure)),
            Act::PowerLoss(seconds) => {
                bench.power_off();
                bench.advance(1_000 * seconds);
                bench.power_on();
            }
            Act::ClockJump(seconds) => bench.clock_error += 1_000 * seconds,
            Act::Full(true) => bench.disk.fill_up(),
            Act::Full(false) => bench.disk.limit(usize::MAX),
            Act::Broken(fails) => bench.disk.fail(fails),
            _ if self.at_the_charge_point(act) => {}
            _ => self.ask(act),
        }
    }

    /// What a driver or the application does; false if it is something else.
    fn at_the_charge_point(&mut self, act: Act) -> bool {
        let input = match act {
            Act::Plug(connector) => Input::Plugged(connector),
            Act::Unplug(connector) => Input::Unplugged(connector),
            Act::Tag(connector, text) => Input::Tag {
                connector,
                id_tag: &id_tag(text),
            },
            Act::Start(connector, text) => Input::Start {
                connector,
                id_tag: &id_tag(text),
            },
            Act::Stop(connector, reason) => Input::Stop { connector, reason },
            Act::Suspend(connector, suspends) => Input::Suspended {
                connector,
                by: suspends.then_some(Suspension::Ev),
            },
            Act::Fault(connector, true) => Input::Fault {
                connector,
                error: ChargePointError::GroundFailure,
                info: "",
                vendor_error_code: "",
            },
            Act::Fault(connector, false) => Input::FaultCleared(connector),
            Act::Reboot(kind) => Input::Reset(kind),
            Act::Time => Input::Time(self.bench.unix_millis()),
            _ => return false,
        };
        let _ = self.bench.input(input);
        true
    }

    fn ask(&mut self, act: Act) {
        if !self.bench.is_connected() {
            return;
        }
        let (action, payload) = match act {
            Act::Set(key, value) => ("ChangeConfiguration", json!({ "key": key, "value": value })),
            Act::Operative(connector, operative) => {
                let kind = if operative {
                    "Operative"
                } else {
                    "Inoperative"
                };
                let change = json!({ "connectorId": connector, "type": kind });
                ("ChangeAvailability", change)
            }
            Act::RemoteStart(connector, id_tag) => (
                "RemoteStartTransaction",
                json!({ "connectorId": connector, "idTag": id_tag }),
            ),
            Act::RemoteStop => (
                "RemoteStopTransaction",
                json!({ "transactionId": self.bench.last_transaction_id() }),
            ),
            Act::Unlock(connector) => ("UnlockConnector", json!({ "connectorId": connector })),
            Act::Reset(kind) => ("Reset", json!({ "type": kind })),
            #[cfg(feature = "firmware-management")]
            Act::Update(installation) => {
                self.bench.files.installation = installation;
                let update = json!({
                    "location": "http://files.example/a/longer/path/to/the/image.bin",
                    "retrieveDate": "2026-01-01T00:00:00Z",
                });
                ("UpdateFirmware", update)
            }
            #[cfg(feature = "firmware-management")]
            Act::GetLog => {
                let request = json!({ "location": "ftp://files.example/", "retries": 1 });
                ("GetDiagnostics", request)
            }
            other => panic!("{other:?} is not from afar"),
        };
        let id = self.bench.ask(action, payload);
        #[cfg(feature = "firmware-management")]
        if self.bench.is_answered(&id) {
            match act {
                Act::Update(_) => self.endings.push("FirmwareStatusNotification"),
                Act::GetLog => self.endings.push("DiagnosticsStatusNotification"),
                _ => {}
            }
        }
        let status = self.bench.take_status(&id);
        self.promised(act, status.as_deref());
    }

    /// What was answered is a promise; without an answer either is right.
    fn promised(&mut self, act: Act, status: Option<&str>) {
        match (act, status) {
            (Act::Set(key, value), Some("Accepted" | "RebootRequired")) => {
                self.values.insert(key, value);
            }
            (Act::Set(key, _), None) => {
                self.values.remove(key);
            }
            (Act::Operative(number, operative), status) => {
                let numbers = if number == 0 {
                    0..3
                } else {
                    number..number + 1
                };
                for number in numbers {
                    match status {
                        Some("Rejected") => {}
                        Some(_) => drop(self.operative.insert(number, operative)),
                        None => drop(self.operative.remove(&number)),
                    }
                }
            }
            _ => {}
        }
    }

    /// After the story everything is well: what is left is delivered, what runs is ended.
    pub fn end_well(&mut self) {
        let bench = &mut self.bench;
        bench.disk.spare();
        while !bench.is_powered() {
            bench.advance(MINUTE);
        }
        bench.disk.limit(usize::MAX);
        bench.disk.fail(false);
        bench.reply_normally_to_all();
        bench.allow_connections();
        bench.advance(3 * MINUTE);
        for connector in 1..=2 {
            let reason = Reason::Local;
            let _ = bench.input(Input::Stop { connector, reason });
        }
        bench.advance(MINUTE);
    }
}

fn reply(failure: Failure) -> Reply {
    match failure {
        Failure::AnswerLost => Reply::Never,
        Failure::ConnectionLost => Reply::Cut,
        Failure::Error => Reply::Error("InternalError"),
        Failure::Garbage => Reply::Raw(r#"[3,"{id}",{"odd":1}]"#.to_owned()),
        Failure::SlowlyNothing => Reply::Result(json!({})).after(20_000),
    }
}

/// The messages that are billed by.
pub const TRANSACTION_MESSAGES: [&str; 3] = ["StartTransaction", "MeterValues", "StopTransaction"];
