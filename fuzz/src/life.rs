//! The life of a station: boots, drivers, a central system that answers or does not, and power that
//! goes at any moment.

use std::ops::ControlFlow;

use arbitrary::{Result, Unstructured};
use ocpp::{
    Version,
    domain::{
        DataTransferStatus, Equipment, IdToken, Identity, Reason, ResetType, TransferProtocol,
        UnlockStatus,
    },
    station::{
        Event, FirmwareProgress, Input, Memory, Output, Profile, Reading, Station, Suspension,
    },
};
use serde_json::{Value, json};

use crate::{central_system::CentralSystem, disk::Disk, grammar};

/// Outputs at one moment: more is a station that never waits.
const MOST_OUTPUTS: usize = 20_000;
const CONNECTORS: u8 = 2;
const TX: usize = 1_536;
/// 2026-01-01, in seconds since 1970.
const FIRST_DAY: i64 = 1_767_225_600;

/// What a station of the fuzzer is.
fn profile(version: Version) -> Profile<'static> {
    Profile {
        version,
        identity: Identity {
            vendor: "vendor",
            model: "model",
            ..Identity::default()
        },
        connectors: CONNECTORS,
        vendors: &["vendor"],
        measurands: None,
        settings: &[],
        boot_reason: None,
        firmware_mark: 0,
        transfer_protocols: TransferProtocol::ALL,
        equipment: Equipment::default(),
        seed: 1,
    }
}

/// What happens next.
enum Step {
    /// A CALL of the grammar.
    Request,
    /// Any bytes.
    Garbage,
    /// Something that the application tells.
    Application,
    /// Time goes on.
    Time,
    /// The connection is lost, or possible again.
    Link,
    /// Power is lost.
    Power,
    /// Storage takes no more, or does again.
    Wear,
}

/// The CALL of the station that waits for its answer.
struct Waiting {
    id: Value,
    action: String,
    payload: Value,
}

/// Everything around a station.
pub struct Life {
    version: Version,
    disk: Disk,
    central_system: CentralSystem,
    now: u64,
    register: i32,
    connected: bool,
    reachable: bool,
    waiting: Option<Waiting>,
    parts: String,
    /// The central system refused something, or storage did: a message may be given up.
    is_lossy: bool,
    /// What was asked of the application and is not done.
    restart: bool,
}

impl Life {
    /// Of a station with what is on that disk.
    pub fn new(version: Version, disk: Disk) -> Self {
        Self {
            version,
            disk,
            central_system: CentralSystem::default(),
            now: 0,
            register: 1_000,
            connected: false,
            reachable: true,
            waiting: None,
            parts: String::new(),
            is_lossy: false,
            restart: false,
        }
    }

    /// Storage held something else before.
    pub fn expect_losses(&mut self) {
        self.is_lossy = true;
    }

    /// Lives until the bytes are used up, then in peace until nothing is left to be delivered: what the
    /// station owes the central system has arrived then.
    pub fn run(&mut self, u: &mut Unstructured<'_>) {
        let mut is_over = false;
        while !is_over {
            is_over = self.power_on(|life, station| {
                while !u.is_empty() {
                    match life.step(station, u) {
                        Ok(ControlFlow::Continue(())) => {}
                        Ok(ControlFlow::Break(())) => return false,
                        Err(_) => break,
                    }
                }
                true
            });
        }
        self.disk.fail_after(None);
        self.reachable = true;
        self.power_on(|life, station| life.end_in_peace(station));
    }

    /// Feeds one frame after the other to a station that is online.
    pub fn frames<'a>(&mut self, frames: impl Iterator<Item = &'a [u8]>) {
        self.is_lossy = true;
        self.power_on(|life, station| {
            life.settle(station, &mut good);
            for frame in frames {
                let _ = station.handle(life.now, Input::Frame(frame));
                life.settle(station, &mut good);
                life.now += 1_000;
            }
        });
    }

    /// A station from boot to power loss.
    fn power_on<R>(&mut self, lives: impl FnOnce(&mut Self, &mut Station<'_>) -> R) -> R {
        let mut disk = self.disk.clone();
        let mut memory = Box::new(Memory::new());
        let mut tx = vec![0; TX];
        (self.connected, self.waiting, self.restart) = (false, None, false);
        self.parts.clear();
        let profile = profile(self.version);
        let station = Station::new(profile, &mut disk, &mut memory, &mut tx, self.now);
        let mut station = station.expect("a profile that fits this build");
        lives(self, &mut station)
    }

    fn utc(&self) -> i64 {
        FIRST_DAY + (self.now / 1_000) as i64
    }

    fn step(
        &mut self,
        station: &mut Station<'_>,
        u: &mut Unstructured<'_>,
    ) -> Result<ControlFlow<()>> {
        let step = match u.int_in_range(0..=15)? {
            0..=4 => Step::Request,
            5 => Step::Garbage,
            6..=9 => Step::Application,
            10..=12 => Step::Time,
            13 => Step::Link,
            14 => Step::Power,
            _ => Step::Wear,
        };
        match step {
            Step::Request => {
                let frame = grammar::frame(u, self.utc())?;
                let _ = station.handle(self.now, Input::Frame(frame.as_bytes()));
            }
            Step::Garbage => {
                let length = u.int_in_range(0..=200)?;
                let bytes = u.bytes(length.min(u.len()))?;
                let _ = station.handle(self.now, Input::Frame(bytes));
                let _ = station.handle(self.now, Input::FrameTooLong(bytes));
            }
            Step::Application => self.application(station, u)?,
            Step::Time => {
                self.now += match u.int_in_range(0..=4)? {
                    0 => 1,
                    1 => u.int_in_range(1..=2_000)?,
                    2 => u.int_in_range(1..=120_000)?,
                    3 => u.int_in_range(1..=90_000_000)?,
                    _ => self.until_next(station),
                };
                self.register = self.register.saturating_add(1);
            }
            Step::Link => {
                self.reachable = u.arbitrary()?;
                if !self.reachable {
                    self.cut(station);
                }
            }
            Step::Power => {
                // In the middle of what is under way.
                for _ in 0..u.int_in_range(0..=3)? {
                    let _ = self.output(station, &mut good);
                }
                self.register = self.register.saturating_add(1);
                self.now += u.int_in_range(0..=100_000)?;
                return Ok(ControlFlow::Break(()));
            }
            Step::Wear => {
                let lasts = u.arbitrary::<Option<u8>>()?;
                self.is_lossy |= lasts.is_some();
                self.disk.fail_after(lasts.map(u32::from));
            }
        }
        let mut answer = |life: &mut Self, waiting: &Waiting| life.some_answer(waiting, u);
        self.settle(station, &mut answer);
        match self.restart {
            true => Ok(ControlFlow::Break(())),
            false => Ok(ControlFlow::Continue(())),
        }
    }

    fn until_next(&mut self, station: &mut Station<'_>) -> u64 {
        match station.poll(self.now) {
            Output::Wait(until) if until < u64::MAX => until - self.now,
            _ => 1,
        }
    }

    fn application(&mut self, station: &mut Station<'_>, u: &mut Unstructured<'_>) -> Result<()> {
        let connector = u.int_in_range(0..=CONNECTORS + 1)?;
        let tags = ["TAG-1", "TAG-2", "TAG-3"];
        let id_tag = &IdToken::try_from(*u.choose(&tags)?).unwrap_or_default();
        self.register = self.register.saturating_add(u.int_in_range(0..=5)?);
        let readings = [Reading::energy(self.register)];
        let input = match u.int_in_range(0..=16)? {
            0 | 1 => Input::Plugged(connector),
            2 => Input::Unplugged(connector),
            3..=5 => Input::Tag { connector, id_tag },
            6 => Input::Authorize(id_tag),
            7 => Input::Start { connector, id_tag },
            8 => Input::Stop {
                connector,
                reason: Reason::Local,
            },
            9 => Input::Meter {
                connector,
                readings: &readings,
            },
            10 => Input::Suspended {
                connector,
                by: *u.choose(&[None, Some(Suspension::Ev), Some(Suspension::Evse)])?,
            },
            11 => Input::Fault {
                connector,
                error: ocpp::domain::ChargePointError::GroundFailure,
                info: "info",
                vendor_error_code: "",
            },
            12 => Input::FaultCleared(connector),
            13 => Input::Reset(*u.choose(&[ResetType::Hard, ResetType::Soft])?),
            14 => Input::Availability {
                connector,
                operative: u.arbitrary()?,
            },
            15 => Input::CancelAuthorization(connector),
            _ => Input::Time(ocpp::wire::UnixMillis::from(self.utc() * 1_000)),
        };
        let _ = station.handle(self.now, input);
        Ok(())
    }

    fn cut(&mut self, station: &mut Station<'_>) {
        self.waiting = None;
        self.parts.clear();
        if self.connected {
            self.connected = false;
            let _ = station.handle(self.now, Input::Disconnected);
        }
    }

    /// Most answers are good.
    fn some_answer(&mut self, waiting: &Waiting, u: &mut Unstructured<'_>) -> Option<Value> {
        match u.int_in_range(0..=11).unwrap_or(0) {
            0..=8 => good(self, waiting),
            9 => None,
            10 => {
                self.is_lossy = true;
                Some(json!([4, waiting.id, "InternalError", "", {}]))
            }
            _ => {
                self.is_lossy = true;
                let refused = json!({ "status": "Invalid" });
                Some(json!([3, waiting.id, { "idTagInfo": refused, "status": "Rejected" }]))
            }
        }
    }

    /// Does what the station wants until it waits; the time until which.
    fn settle(
        &mut self,
        station: &mut Station<'_>,
        answer: &mut dyn FnMut(&mut Self, &Waiting) -> Option<Value>,
    ) -> u64 {
        for _ in 0..MOST_OUTPUTS {
            if let Some(until) = self.output(station, answer) {
                return until;
            }
        }
        panic!("the station never waits");
    }

    /// One output; the time until which it waits, if it does and has all answers.
    fn output(
        &mut self,
        station: &mut Station<'_>,
        answer: &mut dyn FnMut(&mut Self, &Waiting) -> Option<Value>,
    ) -> Option<u64> {
        match station.poll(self.now) {
            Output::Send(text) => {
                self.parts.push_str(text);
                self.sent();
            }
            Output::SendPart(text) => self.parts.push_str(text),
            Output::Connect { .. } if self.reachable => {
                self.connected = true;
                let _ = station.handle(self.now, Input::Connected);
            }
            Output::Connect { .. } => {
                let _ = station.handle(self.now, Input::Disconnected);
            }
            Output::Disconnect => {
                (self.connected, self.waiting) = (false, None);
                let _ = station.handle(self.now, Input::Disconnected);
            }
            Output::Event(event) => self.react(station, &event),
            Output::Wait(until) => {
                let Some(waiting) = self.waiting.take() else {
                    return Some(until);
                };
                if let Some(frame) = answer(self, &waiting) {
                    let frame = frame.to_string();
                    let _ = station.handle(self.now, Input::Frame(frame.as_bytes()));
                }
            }
        }
        None
    }

    /// A whole frame has gone out.
    fn sent(&mut self) {
        let text = std::mem::take(&mut self.parts);
        let frame: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let kind = frame[0].as_i64();
        assert!(matches!(kind, Some(2..=4)), "no frame: {text}");
        if kind == Some(2) {
            // An answer may repeat what the central system has said.
            assert!(text.is_ascii(), "not ASCII: {text}");
            self.waiting = Some(Waiting {
                id: frame[1].clone(),
                action: frame[2].as_str().expect("an action").to_owned(),
                payload: frame[3].clone(),
            });
        }
    }

    fn react(&mut self, station: &mut Station<'_>, event: &Event) {
        let readings = [Reading::energy(self.register)];
        let input = match *event {
            Event::MeterWanted(connector) => Input::Meter {
                connector,
                readings: &readings,
            },
            Event::Unlock(connector) => Input::UnlockResult {
                connector,
                status: UnlockStatus::Unlocked,
            },
            Event::DataTransferReceived => Input::DataTransferAnswer {
                status: DataTransferStatus::Accepted,
                payload: None,
            },
            Event::Reset(_) => {
                self.restart = true;
                return;
            }
            Event::DownloadFirmware => Input::Firmware(FirmwareProgress::Downloaded),
            Event::UploadLog => Input::LogUpload(Ok(())),
            _ => return,
        };
        let _ = station.handle(self.now, input);
    }

    /// All cables go, the central system answers all: in the end nothing waits, and every transaction
    /// that it was told of has ended.
    fn end_in_peace(&mut self, station: &mut Station<'_>) {
        let _ = station.handle(self.now, Input::FaultCleared(0));
        for connector in 1..=CONNECTORS {
            let _ = station.handle(self.now, Input::FaultCleared(connector));
            let _ = station.handle(self.now, Input::Unplugged(connector));
            let reason = Reason::Local;
            let _ = station.handle(self.now, Input::Stop { connector, reason });
        }
        for _ in 0..200 {
            let until = self.settle(station, &mut good);
            if station.queued() == 0 && self.is_quiet(station) {
                break;
            }
            self.register = self.register.saturating_add(1);
            self.now = until.min(self.now + 600_000).max(self.now + 1);
            for connector in 1..=CONNECTORS {
                let _ = station.handle(self.now, Input::Unplugged(connector));
                let reason = Reason::Local;
                let _ = station.handle(self.now, Input::Stop { connector, reason });
            }
        }
        assert_eq!(station.queued(), 0, "messages are left");
        if !self.is_lossy {
            let open = self.central_system.open();
            assert!(open.is_empty(), "transactions without an end: {open:?}");
        }
    }

    fn is_quiet(&self, station: &Station<'_>) -> bool {
        (1..=CONNECTORS).all(|connector| station.transaction(connector).is_none())
    }
}

/// The answer of a central system where all is well.
fn good(life: &mut Life, waiting: &Waiting) -> Option<Value> {
    let now = life.utc();
    let payload = life
        .central_system
        .answer(&waiting.action, &waiting.payload, now);
    Some(json!([3, waiting.id, payload]))
}
