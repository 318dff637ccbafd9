//! The connectors: the one place that knows what each of them does.
//!
//! The charge point tells and asks here what it wants ([`Application`]), the drivers' threads
//! ([`driver`](crate::driver)) write here how far they are.

use ocpp::{
    domain::{IdToken, Measurand, Measured},
    limits,
    station::Event,
};
use ocpp_port::charge_point::{Application, Error, Reach, SessionId};
use zephyr::{
    sync::Mutex,
    sys::{sync::Semaphore, uptime_get},
    time::Duration,
};

use crate::{
    car::{self, Car},
    command_line,
    log::line,
    settings, view,
};

/// How many there are.
pub const COUNT: u8 = limits::CONNECTORS as u8;

/// All of them.
pub static CONNECTORS: Connectors = Connectors([const { Connector::new() }; limits::CONNECTORS]);

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Free.
    Idle,
    /// The central system is asked.
    Authorizing,
    /// A transaction runs.
    Charging,
}

/// What becomes of an idTag that is presented at the reader.
#[cfg(CONFIG_CHARGE_POINT_SHELL)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented {
    /// Its driver is authorized, and charges then.
    Begins,
    /// Its driver has charged enough.
    Ends,
    /// This idTag has it already.
    InUse(IdToken),
}

/// What is known of a connector.
#[derive(Debug)]
struct State {
    activity: Activity,
    /// Who charges, or is about to.
    id_tag: IdToken,
    /// Their session, once it is open.
    session: Option<SessionId>,
    car: Car,
}

/// One connector.
pub struct Connector {
    state: Mutex<State>,
    /// An idTag asks to charge.
    wanted: Semaphore,
    /// Charging is to end. Given and reset under the lock, so that it is not told to the next driver.
    ended: Semaphore,
}

impl Connector {
    const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                activity: Activity::Idle,
                id_tag: IdToken::new(),
                session: None,
                car: Car::new(),
            }),
            wanted: Semaphore::new(0, 1),
            ended: Semaphore::new(0, 1),
        }
    }

    fn with<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        let Ok(mut state) = self.state.lock();
        look(&mut state)
    }

    /// An idTag asks to charge; false while another one has the connector.
    fn seat(&self, id_tag: IdToken) -> bool {
        let free = self.with(|state| {
            let free = state.activity == Activity::Idle;
            if free {
                state.activity = Activity::Authorizing;
                state.id_tag = id_tag;
                state.session = None;
                self.ended.reset();
            }
            free
        });
        if free {
            self.wanted.give();
        }
        free
    }

    /// A driver presents an idTag at the reader.
    #[cfg(CONFIG_CHARGE_POINT_SHELL)]
    pub fn present(&self, id_tag: IdToken) -> Presented {
        if self.seat(id_tag.clone()) {
            return Presented::Begins;
        }
        self.with(|state| {
            let is_own = state.id_tag.eq_ignore_ascii_case(&id_tag);
            if state.activity != Activity::Charging || !is_own {
                return Presented::InUse(state.id_tag.clone());
            }
            self.ended.give();
            Presented::Ends
        })
    }

    /// Waits for an idTag that asks to charge.
    pub fn await_driver(&self) -> IdToken {
        let _ = self.wanted.take(zephyr::time::Forever);
        self.with(|state| state.id_tag.clone())
    }

    /// The driver's session is open.
    pub fn set_session(&self, session: SessionId) {
        self.with(|state| state.session = Some(session));
    }

    /// True when it is to end, before it came to charging.
    pub fn is_over(&self) -> bool {
        self.ended.take(zephyr::time::NoWait).is_ok()
    }

    /// The transaction of a session is over, or one that no session has. Of a driver who has left
    /// it is nothing to the next one.
    fn end(&self, session: Option<SessionId>) {
        self.with(|state| {
            if session.is_none() || session == state.session {
                self.ended.give();
            }
        });
    }

    /// The transaction runs; waits until it is to end, or the car has enough. Then the next one
    /// may come, though the central system has not heard of the end yet.
    pub fn charge(&self, seconds: u32) {
        self.with(|state| state.activity = Activity::Charging);
        let _ = self.ended.take(Duration::secs(seconds.into()));
        self.leave();
    }

    /// The connector is free again.
    pub fn leave(&self) {
        self.with(|state| state.activity = Activity::Idle);
    }

    /// The register in Wh.
    pub fn register(&self) -> i32 {
        self.with(|state| state.car.register(uptime_get()))
    }

    /// Whether a transaction runs.
    pub fn is_charging(&self) -> bool {
        self.with(|state| state.activity == Activity::Charging)
    }

    fn set_energy(&self, allowed: bool) {
        self.with(|state| state.car.set_charging(uptime_get(), allowed));
    }
}

/// All connectors, as the charge point sees them.
pub struct Connectors([Connector; limits::CONNECTORS]);

impl Connectors {
    /// With their numbers.
    pub fn all(&self) -> impl Iterator<Item = (u8, &Connector)> {
        (1..).zip(&self.0)
    }

    /// That with a number, from 1.
    pub fn get(&self, number: u8) -> Option<&Connector> {
        self.0.get(usize::from(number).checked_sub(1)?)
    }
}

impl Application for Connectors {
    fn measurands(&self) -> Option<&'static [Measured]> {
        Some(&car::MEASURED)
    }

    fn read_meter(&self, connector: u8, measurand: Measurand) -> Option<i32> {
        let connector = self.get(connector)?;
        connector.with(|state| state.car.measure(uptime_get(), measurand))
    }

    fn start_charging(&self, connector: u8, id_tag: IdToken) -> Result<(), Error> {
        match self.get(connector).map(|connector| connector.seat(id_tag)) {
            Some(true) => Ok(()),
            _ => {
                line!(Warning, "ocpp remote start> idcon {connector} in use");
                Err(Error::InUse)
            }
        }
    }

    fn stop_charging(&self, connector: u8, session: Option<SessionId>) {
        if let Some(connector) = self.get(connector) {
            connector.end(session);
        }
    }

    fn limit_charging(&self, connector: u8, limit: Option<u16>) {
        view::limited(connector, limit);
        if let Some(connector) = self.get(connector) {
            connector.set_energy(limit != Some(0));
        }
    }

    fn unlock(&self, connector: u8) -> Result<(), Error> {
        line!(Info, "ocpp unlock connector id {connector}");
        Ok(())
    }

    fn happened(&self, event: &Event) {
        view::happened(event);
    }

    fn reached(&self, reach: Reach) {
        view::reached(reach);
    }
}

/// The drivers of the command line, or of Kconfig, are there already.
pub fn seat_first_drivers() {
    let id_tags = command_line::id_tags().unwrap_or(settings::ID_TAGS);
    let id_tags = id_tags.split_whitespace();
    for (id_tag, (number, connector)) in id_tags.zip(CONNECTORS.all()) {
        match IdToken::try_from(id_tag) {
            Ok(id_tag) => {
                connector.seat(id_tag);
            }
            Err(_) => line!(Error, "idTag {id_tag} of connector {number} is too long"),
        }
    }
}
