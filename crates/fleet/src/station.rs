//! The life of one station: a future that the loop wakes when something has happened to it. It owns its
//! engine with all that this borrows, so that a reboot is a turn of a loop.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fs::File,
    future::Future,
    io::Write,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use fleet_engine::{
    Version,
    domain::{ChargePointError, ConnectorType, Equipment, Evse, Identity, Measurand, Measured},
    limits::TX_MIN,
    station::{Event, Memory, Profile, Station},
};
use mio::Registry;
use serde_json::json;

use crate::{
    bay::Bay,
    control::{Question, Refusal},
    link::Link,
    orders::Order,
    random::Random,
    records::Records,
    running::Running,
    setup::Setup,
    state,
    stats::{self, Stats},
    table::{Connection, Digest},
    trouble::Trouble,
    watchers::Watchers,
};

/// What a loop lends to each of its stations while it works.
pub struct Common {
    pub setup: Arc<Setup>,
    pub stats: Arc<Stats>,
    pub registry: Registry,
    pub started: Instant,
    /// What is read.
    pub read: RefCell<Vec<u8>>,
    /// The frame that is written.
    pub out: RefCell<Vec<u8>>,
    /// What the station that works wants.
    pub wishes: RefCell<VecDeque<Event>>,
    /// Why the station is woken.
    pub wake: Cell<Wake>,
    /// When it is to be woken again.
    pub due: Cell<u64>,
    /// No connection can be made before.
    pub outage_until: Cell<u64>,
    /// What the station that was asked for a digest has answered.
    pub digest: Cell<Digest>,
    pub watchers: Watchers,
}

impl Common {
    /// Milliseconds since the fleet began.
    pub fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Why a station is woken.
#[derive(Default)]
pub enum Wake {
    /// Its time has come.
    #[default]
    Due,
    /// Its socket can be read or written.
    Ready,
    Order(Order),
    Asked(Question),
    /// It tells [`Common::digest`] what it does, and goes on as it was.
    Digest,
}

/// Which station.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its place in the loop.
    pub place: usize,
    /// Its number in the whole fleet, from 0 on.
    pub number: u64,
    pub version: Version,
    pub starts_at: u64,
}

/// What lasts over reboots, besides what is stored.
pub struct Site {
    pub plan: Plan,
    pub identity: Box<str>,
    pub random: Random,
    pub bays: Box<[Bay]>,
    pub link: Link,
    /// The next time that its connection is lost.
    pub loses_link_at: u64,
    /// None can be made before.
    pub outage_until: u64,
    /// Frames are written there.
    pub frames: Option<Box<File>>,
    /// When something went wrong last, and what.
    pub last_error: Option<(u64, Trouble)>,
    /// What is broken as a whole.
    pub fault: Option<ChargePointError>,
}

const EVSES: [Evse; 2] = [Evse {
    supply_phases: 3,
    power: 22_000,
    connector: ConnectorType::SocketType2,
}; 2];
const MEASURED: [Measured; 3] = [
    Measured::of(Measurand::EnergyActiveImportRegister),
    Measured::of(Measurand::PowerActiveImport),
    Measured::of(Measurand::CurrentImport),
];

/// Power comes back some time after it may.
const BOOT_MS: f64 = 5_000.0;

/// From its first boot on, as long as the fleet lives.
pub async fn live(common: Rc<Common>, plan: Plan) {
    let setup = Arc::clone(&common.setup);
    let identity = setup.identity(plan.number);
    let mut site = Site::new(&common, plan, identity.clone());
    let (mut records, mut memory, mut tx) = (Records::default(), Memory::new(), [0; TX_MIN]);
    let mut is_first = true;
    loop {
        let profile = Profile {
            version: site.plan.version,
            identity: Identity {
                vendor: "ocpp-rs",
                model: "Fleet",
                serial_number: (identity.len() <= 25).then_some(&*identity),
                firmware_version: Some(env!("CARGO_PKG_VERSION")),
                ..Identity::default()
            },
            connectors: setup.connectors,
            vendors: &[],
            measurands: Some(&MEASURED),
            settings: &[],
            boot_reason: None,
            firmware_mark: 0,
            transfer_protocols: &[],
            equipment: Equipment::new(&EVSES),
            seed: site.random.next() as u32,
        };
        let station = Station::new(profile, &mut records, &mut memory, &mut tx, common.now());
        let Ok(station) = station else {
            // What it cannot be is the same for all; checked before the first.
            return;
        };
        let mut running = Running::new(station, &mut site, &common);
        running.begin(std::mem::take(&mut is_first));
        let back_at = loop {
            if let Some(back_at) = running.work() {
                break back_at;
            }
            Pause::default().await;
        };
        running.end();
        let boot = site.random.within(0.0, BOOT_MS) as u64;
        site.publish_off(&common);
        while common.now() < back_at + boot {
            common.due.set(back_at + boot);
            Pause::default().await;
            site.answer_off(&common);
        }
    }
}

impl Site {
    fn new(common: &Common, plan: Plan, identity: Box<str>) -> Self {
        let setup = &common.setup;
        let mut random = Random::new(setup.seed, plan.number);
        let loss = setup.model.until_link_loss(&mut random);
        let (number, is_16) = (plan.number, plan.version == Version::V16);
        Self {
            bays: (0..setup.connectors)
                .map(|_| Bay::new(&mut random))
                .collect(),
            frames: setup.frames_of(number, &identity, is_16).map(Box::new),
            identity,
            random,
            link: Link::default(),
            loses_link_at: common.now().saturating_add(loss),
            outage_until: 0,
            last_error: None,
            fault: None,
            plan,
        }
    }

    /// Keeps a frame, where those of this station are, and tells who looks at it.
    pub fn keep(&mut self, common: &Common, is_in: bool, frame: &[u8]) {
        if let Some(file) = &mut self.frames {
            let text = String::from_utf8_lossy(frame);
            let line = json!({"dir": if is_in { "in" } else { "out" }, "text": text});
            // One write a line. A full disk shows in a check that misses it.
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
        common.watchers.tell(self.plan.place, |watcher| {
            watcher.frame(common.now(), is_in, &String::from_utf8_lossy(frame));
        });
    }

    /// What is asked of a station without power.
    fn answer_off(&self, common: &Common) {
        match common.wake.take() {
            Wake::Digest => common.digest.set(Digest {
                connection: Connection::Off,
                last_error: self.last_error,
                ..Digest::default()
            }),
            Wake::Asked(question) => {
                let why = "the station has no power".to_owned();
                (question.answer)(Err(Refusal::NotNow(why)));
            }
            Wake::Due | Wake::Ready | Wake::Order(_) => {}
        }
        self.publish_off(common);
    }

    /// Tells who looks at it that it has no power.
    pub fn publish_off(&self, common: &Common) {
        state::publish_off(common, &self.plan, self.last_error);
    }
}

/// Ready when it is asked for the second time.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// Counts one more of something.
pub fn count(counter: &std::sync::atomic::AtomicU64) {
    stats::add(counter, 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_of_a_station_is_small() {
        let bytes = size_of::<Memory>() + size_of::<Station>() + TX_MIN;
        assert!(bytes <= 10_752, "{bytes}");
    }

    #[test]
    fn what_is_around_it_is_small_too() {
        let bytes = size_of::<Site>() + 2 * size_of::<Bay>();
        assert!(bytes <= 408, "{bytes}");
    }
}
