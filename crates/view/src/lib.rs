//! What a display shows of a charge point: one model for all displays.
//!
//! [`View`] is told what happens: the engine's events, and the few things that the engine does not
//! know (who stands at the reader, the address, what the meter says between two messages). A
//! display takes a copy, and draws it; it looks nowhere else. Two views that are equal look the
//! same but for what moves with time: the elapsed time, the page and the animation.
#![no_std]
#![forbid(unsafe_code)]

mod connector;
mod text;

pub use connector::{Colour, Connector, Goal, State};
pub use text::{Elapsed, Energy, Figure, Limit, Power};

use heapless::{String, Vec};
use ocpp::{
    domain::{AuthorizationStatus, ChargePointError, IdToken, Status},
    limits::CONNECTORS,
    station::{Event, TransactionState},
};

/// Connectors that a display shows side by side.
pub const PER_PAGE: usize = 2;
/// Milliseconds after which a display shows the next connectors, where there are more.
pub const PAGE_MS: u64 = 5000;

/// Milliseconds after which power and limit take turns.
pub const FIGURE_MS: u64 = 3000;

/// Milliseconds of a step of what moves.
pub const STEP_MS: u64 = 50;
/// Steps after which it is where it began.
pub const STEPS: u64 = 40;

/// Longest address: an IPv6 address as text.
pub const ADDRESS: usize = 45;

/// How well the central system can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// No connection.
    #[default]
    Offline,
    /// Connected, but not accepted (yet).
    Pending,
    /// Accepted.
    Online,
}

impl Link {
    /// In a word.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Offline => "Disconnected",
            Self::Pending => "Connecting",
            Self::Online => "Connected",
        }
    }

    /// Red, amber, green.
    pub const fn colour(self) -> Colour {
        match self {
            Self::Offline => Colour::RED,
            Self::Pending => Colour::AMBER,
            Self::Online => Colour::GREEN,
        }
    }
}

/// What there is to see of a charge point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    link: Link,
    address: String<ADDRESS>,
    connectors: Vec<Connector, CONNECTORS>,
    /// What is wrong with the whole charge point.
    status: Status,
    error: ChargePointError,
}

impl View {
    /// A charge point that has just started; at most [`CONNECTORS`] connectors.
    pub fn new(connectors: u8) -> Self {
        Self {
            connectors: (1..=connectors)
                .take(CONNECTORS)
                .map(Connector::new)
                .collect(),
            ..Self::empty()
        }
    }

    /// No charge point yet.
    pub const fn empty() -> Self {
        Self {
            link: Link::Offline,
            address: String::new(),
            connectors: Vec::new(),
            status: Status::Available,
            error: ChargePointError::NoError,
        }
    }

    /// How well the central system can be reached.
    pub fn link(&self) -> Link {
        self.link
    }

    /// The charge point's own address; empty while it has none.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// All connectors, the first of them number 1.
    pub fn connectors(&self) -> &[Connector] {
        &self.connectors
    }

    /// The connectors to show at a time (monotonic milliseconds): at most [`PER_PAGE`].
    pub fn page(&self, now: u64) -> &[Connector] {
        let pages = self.connectors.len().div_ceil(PER_PAGE).max(1);
        let page = (now / PAGE_MS) as usize % pages;
        self.connectors
            .chunks(PER_PAGE)
            .nth(page)
            .unwrap_or_default()
    }

    /// What the connector is doing, a fault or closure of the whole charge point included.
    pub fn state(&self, connector: &Connector) -> State {
        match (self.status, connector.state()) {
            (Status::Faulted, _) => State::Error,
            (Status::Unavailable, State::Idle) => State::Unavailable,
            (_, state) => state,
        }
    }

    /// What is wrong with it; nothing when it can charge.
    pub fn error(&self, connector: &Connector) -> Option<ChargePointError> {
        [connector.error(), self.error]
            .into_iter()
            .find(|error| *error != ChargePointError::NoError)
    }

    /// How fast its vehicle charges at `now` (monotonic milliseconds): what it takes and, where there is
    /// a limit, what it may take, in turns, so that there is room for both on every display. `None` where
    /// neither is shown.
    pub fn figure(&self, connector: &Connector, now: u64) -> Option<Figure> {
        if !self.state(connector).is_session() {
            return None;
        }
        let power = connector.power().map(Figure::Power);
        let limit = connector.limit().map(Figure::Limit);
        let is_turn = now / FIGURE_MS % 2 == 1;
        match is_turn {
            true => limit.or(power),
            false => power.or(limit),
        }
    }

    /// How far its animation is at `now` (monotonic milliseconds), from 0 to [`STEPS`]; nothing
    /// where nothing moves. While charging it goes with the elapsed time, so that a display that
    /// shows the same time shows the same steps.
    pub fn step(&self, connector: &Connector, now: u64) -> Option<u64> {
        let since = match self.state(connector) {
            State::Authorizing => 0,
            State::Charging => connector.since()?,
            _ => return None,
        };
        Some(now.saturating_sub(since) / STEP_MS % STEPS)
    }

    /// How much of what there is to charge is charged at `now` (monotonic milliseconds), in
    /// thousandths: the vehicle's state of charge, else the time or the energy of the session
    /// against its goal. `None` where neither is known, and where no transaction is shown.
    pub fn share(&self, connector: &Connector, now: u64) -> Option<u32> {
        match self.state(connector).is_session() {
            true => connector.share(now),
            false => None,
        }
    }

    /// When sessions at a connector are complete; `None` where that is not known.
    pub fn set_goal(&mut self, connector: u8, goal: Option<Goal>) {
        if let Some(connector) = self.connector_mut(connector) {
            connector.set_goal(goal);
        }
    }

    /// What a connector may deliver on each phase, in tenths of A: `None` for as much as the
    /// installation allows, 0 for nothing.
    pub fn set_limit(&mut self, connector: u8, limit: Option<u16>) {
        if let Some(connector) = self.connector_mut(connector) {
            connector.set_limit(limit);
        }
    }

    /// The state of charge of the vehicle in percent, `None` where it is not known.
    pub fn set_state_of_charge(&mut self, connector: u8, percent: Option<i32>) {
        if let Some(connector) = self.connector_mut(connector) {
            connector.set_state_of_charge(percent);
        }
    }

    /// The connection came, went, or was accepted.
    pub fn set_link(&mut self, link: Link) {
        self.link = link;
    }

    /// The charge point's own address; one that is too long is none.
    pub fn set_address(&mut self, address: &str) {
        self.address = String::try_from(address).unwrap_or_default();
    }

    /// An idTag was presented, and its answer is awaited.
    pub fn authorizing(&mut self, connector: u8, id_tag: &IdToken) {
        if let Some(connector) = self.connector_mut(connector) {
            connector.authorizing(id_tag);
        }
    }

    /// The driver has left, or was refused.
    pub fn left(&mut self, connector: u8) {
        if let Some(connector) = self.connector_mut(connector) {
            connector.left();
        }
    }

    /// What the meter says: its register in Wh, and the power in W.
    pub fn metered(&mut self, connector: u8, register_wh: i32, power_w: i32) {
        if let Some(connector) = self.connector_mut(connector) {
            connector.metered(register_wh, power_w);
        }
    }

    /// The engine tells something; `now` in monotonic milliseconds.
    pub fn happened(&mut self, now: u64, event: &Event) {
        match event {
            Event::Status {
                connector: 0,
                status,
                error,
            } => (self.status, self.error) = (*status, *error),
            Event::Status {
                connector,
                status,
                error,
            } => {
                if let Some(connector) = self.connector_mut(*connector) {
                    connector.set_status(*status, *error);
                }
            }
            Event::Authorization {
                connector,
                id_tag,
                status,
            } => {
                if let Some(connector) = self.connector_mut(*connector) {
                    match status {
                        AuthorizationStatus::Accepted => connector.authorized(id_tag),
                        _ => connector.left(),
                    }
                }
            }
            Event::Transaction {
                connector,
                state,
                id_tag,
                ..
            } => {
                if let Some(connector) = self.connector_mut(*connector) {
                    match state {
                        TransactionState::Started => connector.started(now, id_tag.as_ref()),
                        TransactionState::Stopped => connector.stopped(now),
                        // The display says what happens at the connector, not what was reported.
                        TransactionState::Accepted
                        | TransactionState::Refused
                        | TransactionState::Reported => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn connector_mut(&mut self, number: u8) -> Option<&mut Connector> {
        self.connectors.get_mut(usize::from(number).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests;
