//! The bench itself: time, the loop around the engine, and what it does on the station's events.

use std::collections::{HashMap, VecDeque};

use ocpp::{
    Station, Version,
    domain::{
        BootReason, DataTransferStatus, Equipment, Identity, Measured, ResetType, Status,
        TransferProtocol, UnlockStatus,
    },
    station::{Event, Input, Output, Profile, Refused, Setting},
    wire::{UnixMillis, timestamp},
};

use super::{
    board::Powered,
    central_system::CentralSystem,
    disk::{Cut, Disk},
    frames::{Answer, Sent, Wire},
    meter::Meter,
    world::{Begun, Coming, OnReset},
};

/// 2026-03-02T08:00:00Z, the central system's time when the bench is made.
const START: UnixMillis = 1_772_438_400_000;
/// A station that says more than this without time passing is caught in a loop.
const MOST_POLLS: u32 = 20_000;

/// What a test fixes about its station.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    pub version: Version,
    pub connectors: u8,
    /// Bytes of the transmit buffer.
    pub tx: usize,
    pub identity: Identity<'static>,
    pub vendors: &'static [&'static str],
    pub measurands: Option<&'static [Measured]>,
    pub settings: &'static [Setting<'static>],
    pub boot_reason: Option<BootReason>,
    pub firmware_mark: u32,
    pub transfer_protocols: &'static [TransferProtocol],
    pub equipment: Equipment<'static>,
    #[cfg(feature = "security")]
    pub security: ocpp::domain::SecuritySetup<'static>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            version: Version::default(),
            connectors: 2,
            tx: 4096,
            identity: Identity {
                vendor: "Acme",
                model: "Wallbox 11",
                ..Identity::default()
            },
            vendors: &["com.example"],
            measurands: None,
            settings: &[],
            boot_reason: None,
            firmware_mark: 0,
            transfer_protocols: TransferProtocol::ALL,
            equipment: Equipment::default(),
            #[cfg(feature = "security")]
            security: ocpp::domain::SecuritySetup::default(),
        }
    }
}

/// What follows when power is lost where the disk was told to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outage {
    /// How long power stays away, in milliseconds.
    pub ms: u64,
    /// It goes again after that many writes more.
    pub again: Option<usize>,
    /// The network is gone with it.
    pub takes_link: bool,
}

/// A station in virtual time, and everything it is connected to.
pub struct Bench {
    pub(super) station: Powered,
    pub setup: Setup,
    pub(super) central_system: CentralSystem,
    pub(super) meters: Vec<Meter>,
    pub(super) wire: Wire,
    /// What the station's next Wait said, in its own time.
    pub(super) deadline: u64,
    /// Virtual time: milliseconds since the bench was made.
    pub(super) now: u64,
    powered: bool,
    booted_at: u64,
    polls: u32,
    pub(super) coming: Vec<(u64, Coming)>,
    pub(super) connection: u32,
    pub(super) connected: bool,
    /// Connection attempts succeed.
    pub(super) reachable: bool,
    pub(super) unread: VecDeque<Sent>,
    /// Everything sent: `Action` of a CALL, `-> Action` of an answer.
    pub(super) sent: Vec<String>,
    pub(super) asked: HashMap<String, String>,
    pub(super) answers: HashMap<String, Answer>,
    pub(super) events: Vec<Event>,
    pub(super) statuses: HashMap<u8, Status>,
    /// When the station wanted to connect.
    pub attempts: Vec<u64>,
    /// When it gave up a connection by itself.
    pub hung_up: Vec<u64>,
    pub disk: Disk,
    pub outage: Outage,
    /// How often power was lost where the disk was told to.
    pub outages: u32,
    /// How far the central system's clock is ahead.
    pub clock_error: i64,
    /// Transactions that the application was told of.
    pub begun: Vec<Begun>,
    pub on_reset: OnReset,
    pub resets: Vec<ResetType>,
    /// How the lock answers; not at all with nothing.
    pub lock: Option<UnlockStatus>,
    /// What the application answers to DataTransfers of its vendors; nothing yet with nothing.
    pub vendor_answer: Option<(DataTransferStatus, Option<&'static str>)>,
    /// What becomes of files.
    #[cfg(feature = "firmware-management")]
    pub files: super::files::Files,
}

impl Bench {
    /// A station that has not been told anything, in reach of a central system.
    pub fn cold(setup: Setup) -> Self {
        let disk = Disk::default();
        Self {
            station: power_up(setup, &disk),
            setup,
            central_system: CentralSystem::new(),
            meters: (0..=setup.connectors).map(|_| Meter::new()).collect(),
            wire: Wire::of(setup.version.subprotocol()),
            deadline: 0,
            now: 0,
            powered: true,
            booted_at: 0,
            polls: 0,
            coming: Vec::new(),
            connection: 0,
            connected: false,
            reachable: true,
            unread: VecDeque::new(),
            sent: Vec::new(),
            asked: HashMap::new(),
            answers: HashMap::new(),
            events: Vec::new(),
            statuses: HashMap::new(),
            attempts: Vec::new(),
            hung_up: Vec::new(),
            disk,
            outage: Outage::default(),
            outages: 0,
            clock_error: 0,
            begun: Vec::new(),
            on_reset: OnReset::Restart,
            resets: Vec::new(),
            lock: Some(UnlockStatus::Unlocked),
            vendor_answer: Some((DataTransferStatus::Accepted, None)),
            #[cfg(feature = "firmware-management")]
            files: super::files::Files::default(),
        }
    }

    /// A station that has been accepted and has reported its connectors.
    pub fn with(setup: Setup) -> Self {
        let mut bench = Self::cold(setup);
        bench.settle();
        assert!(bench.is_online(), "not online after a cold boot");
        bench.forget();
        bench
    }

    /// [`Bench::with`] two connectors.
    pub fn new() -> Self {
        Self::with(Setup::default())
    }

    /// Lets time pass, from one deadline of the station to the next.
    pub fn advance(&mut self, ms: u64) {
        let end = self.now + ms;
        self.settle();
        loop {
            let next = self.next_moment();
            if next > end {
                break;
            }
            self.pass(next - self.now);
            self.settle();
        }
        self.pass(end - self.now);
    }

    /// Tells the station something, and lets everything follow that follows at once.
    pub fn input(&mut self, input: Input<'_>) -> Result<(), Refused> {
        let told = self.tell(input);
        self.settle();
        told
    }

    /// Power fails and comes back: what the station had in RAM is gone.
    pub fn power_loss(&mut self) {
        self.power_off();
        self.power_on();
    }

    /// Power fails, and stays away until [`Bench::power_on`].
    pub fn power_off(&mut self) {
        self.powered = false;
        self.deadline = u64::MAX;
        self.connected = false;
        self.connection += 1;
        self.coming.clear();
        self.wire.rebooted();
        self.asked.clear();
        self.statuses.clear();
        for meter in &mut self.meters {
            meter.flowing = false;
        }
        self.disk.restore();
        self.note_cut_off();
    }

    /// The station starts.
    pub fn power_on(&mut self) {
        self.powered = true;
        self.booted_at = self.now;
        self.deadline = 0;
        #[allow(unused_mut)]
        let mut setup = self.setup;
        #[cfg(feature = "firmware-management")]
        self.files.boot(&mut setup);
        self.station = power_up(setup, &self.disk);
        self.settle();
    }

    /// The station speaks another version from its next boot on.
    pub fn speak(&mut self, version: Version) {
        self.setup.version = version;
        self.wire.speak(version.subprotocol());
    }

    /// There is power.
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// [`Bench::power_on`], as a charge point with that many connectors.
    pub fn power_on_with(&mut self, connectors: u8) {
        self.setup.connectors = connectors;
        self.power_on();
    }

    /// The connection breaks, and no other can be made until [`Bench::allow_connections`].
    pub fn disconnect(&mut self) {
        self.reachable = false;
        self.cut();
    }

    /// The connection breaks; the next attempt succeeds.
    pub fn cut(&mut self) {
        if self.connected {
            self.close();
        }
        self.settle();
    }

    /// The central system can be reached when the station tries again.
    pub fn allow_connections(&mut self) {
        self.reachable = true;
    }

    /// The central system can be reached, and time passes until the station has come back.
    pub fn reconnect(&mut self) {
        self.allow_connections();
        for _ in 0..600 {
            if self.connected {
                return;
            }
            self.advance(1_000);
        }
        panic!("no connection for ten minutes although the central system can be reached");
    }

    /// The central system sends these bytes.
    pub fn frame(&mut self, frame: &[u8]) {
        assert!(self.connected, "no connection for a frame");
        self.wire.incoming(frame);
        let _ = self.input(Input::Frame(frame));
    }

    /// The central system's time, as its messages say it.
    pub fn utc(&self) -> String {
        self.utc_at(self.now)
    }

    /// What the central system's clock says at a moment of virtual time.
    pub fn utc_at(&self, moment: u64) -> String {
        let millis = START + i64::try_from(moment).unwrap() + self.clock_error;
        String::from_utf8(timestamp::format(millis).to_vec()).unwrap()
    }

    /// The central system's time for [`Input::Time`].
    pub fn unix_millis(&self) -> UnixMillis {
        START + i64::try_from(self.now).unwrap()
    }

    fn uptime(&self) -> u64 {
        self.now - self.booted_at
    }

    pub(super) fn tell(&mut self, input: Input<'_>) -> Result<(), Refused> {
        assert!(self.powered, "no power for {input:?}");
        self.polls = 0;
        self.deadline = 0;
        let uptime = self.uptime();
        let told = self.station.handle(uptime, input);
        self.lose_power_if_cut();
        told
    }

    /// Does something with the station that is no input, and lets everything follow that follows
    /// at once.
    pub fn operate<R>(&mut self, what: impl FnOnce(&mut Station<'static>, u64) -> R) -> R {
        assert!(self.powered, "no power");
        self.polls = 0;
        self.deadline = 0;
        let uptime = self.uptime();
        let done = what(&mut self.station, uptime);
        self.lose_power_if_cut();
        self.settle();
        done
    }

    /// Power goes where the disk was told to lose it, and comes back after the outage.
    fn lose_power_if_cut(&mut self) {
        if !self.disk.is_cut() {
            return;
        }
        self.power_off();
        self.outages += 1;
        self.reachable &= !self.outage.takes_link;
        if let Some(writes) = self.outage.again.take() {
            let (write, bytes) = (writes, 5);
            self.disk.cut_from_here(Cut::Inside { write, bytes });
        }
        let back = self.now + self.outage.ms;
        self.coming.push((back, Coming::PowerBack));
    }

    fn pass(&mut self, ms: u64) {
        if ms > 0 {
            self.polls = 0;
        }
        self.now += ms;
        for meter in &mut self.meters {
            meter.pass(ms);
        }
    }

    /// When the station or the world around it moves next.
    pub(super) fn next_moment(&self) -> u64 {
        let deadline = self.deadline.saturating_add(self.booted_at);
        let coming = self.coming.iter().map(|(at, _)| *at).min();
        deadline.min(coming.unwrap_or(u64::MAX)).max(self.now)
    }

    /// A whole frame, from its first part on.
    fn rest_of(&mut self, mut frame: String) -> String {
        let uptime = self.uptime();
        loop {
            match self.station.poll(uptime) {
                Output::SendPart(part) => frame.push_str(part),
                Output::Send(part) => return frame + part,
                other => panic!("{other:?} in the middle of {frame}"),
            }
        }
    }

    /// Everything that happens without time passing.
    pub(super) fn settle(&mut self) {
        loop {
            while self.deadline <= self.uptime() {
                self.poll();
            }
            let due = self.coming.iter().position(|(at, _)| *at <= self.now);
            let Some(due) = due else {
                return;
            };
            let (_, coming) = self.coming.remove(due);
            self.happen(coming);
        }
    }

    fn poll(&mut self) {
        self.polls += 1;
        assert!(
            self.polls < MOST_POLLS,
            "the station is caught in a loop; it sent {:?}",
            self.sent.iter().rev().take(10).collect::<Vec<_>>(),
        );
        let uptime = self.uptime();
        let (frame, event) = match self.station.poll(uptime) {
            Output::Wait(deadline) => {
                // A time that has come already would be a busy loop.
                assert!(deadline > uptime, "waits for {deadline} at {uptime}");
                self.deadline = deadline;
                return;
            }
            Output::Connect { .. } => {
                self.attempts.push(self.now);
                assert!(!self.connected, "connects though connected");
                let outcome = if self.reachable {
                    Coming::Opened
                } else {
                    Coming::NotOpened
                };
                self.coming.push((self.now, outcome));
                return;
            }
            Output::Disconnect => {
                assert!(self.connected, "hangs up though not connected");
                self.hung_up.push(self.now);
                self.close();
                return;
            }
            Output::Send(frame) => (Some(frame.to_owned()), None),
            Output::SendPart(part) => {
                let part = part.to_owned();
                (Some(self.rest_of(part)), None)
            }
            Output::Event(event) => (None, Some(event)),
        };
        // What the station would have done when power was lost, it has not.
        self.lose_power_if_cut();
        if !self.powered {
            return;
        }
        if let Some(frame) = frame {
            self.sent(&frame);
            self.disk.acted();
        }
        if let Some(event) = event {
            self.react(&event);
            if matches!(event, Event::Energy { .. }) {
                self.disk.acted();
            }
            self.events.push(event);
        }
        self.lose_power_if_cut();
    }
}

/// A station on `disk`.
fn power_up(setup: Setup, disk: &Disk) -> Powered {
    let profile = Profile {
        version: setup.version,
        identity: setup.identity,
        connectors: setup.connectors,
        vendors: setup.vendors,
        measurands: setup.measurands,
        settings: setup.settings,
        boot_reason: setup.boot_reason,
        firmware_mark: setup.firmware_mark,
        transfer_protocols: setup.transfer_protocols,
        equipment: setup.equipment,
        // The same at every boot, as on hardware without a source of random numbers.
        seed: 0x9e37_79b9,
    };
    #[allow(unused_mut)]
    let mut station = Powered::up(profile, setup.tx, disk);
    #[cfg(feature = "security")]
    station.declare_security(setup.security);
    station
}
