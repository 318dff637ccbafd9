//! What there is to see of one connector.

use heapless::String;
use ocpp::domain::{ChargePointError, ID_TOKEN_LENGTH, IdToken, Status, is_invisible};

use crate::text::{Elapsed, Energy, Limit, Power};

/// What a connector is doing, in the words for drivers; OCPP's own where they say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Free.
    Idle,
    /// The central system is asked about an idTag.
    Authorizing,
    /// Half of cable and idTag is there.
    Preparing,
    /// Energy flows.
    Charging,
    /// The vehicle takes no energy.
    SuspendedEv,
    /// The charge point offers no energy.
    SuspendedEvse,
    /// Charging has ended, the cable is still there.
    Finishing,
    /// For another driver.
    Reserved,
    /// Out of service.
    Unavailable,
    /// Broken.
    Error,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Idle,
        Self::Authorizing,
        Self::Preparing,
        Self::Charging,
        Self::SuspendedEv,
        Self::SuspendedEvse,
        Self::Finishing,
        Self::Reserved,
        Self::Unavailable,
        Self::Error,
    ];

    /// In a word.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Authorizing => "Authorizing",
            Self::Preparing => "Preparing",
            Self::Charging => "Charging",
            Self::SuspendedEv => "SuspendedEV",
            Self::SuspendedEvse => "SuspendedEVSE",
            Self::Finishing => "Finishing",
            Self::Reserved => "Reserved",
            Self::Unavailable => "Unavailable",
            Self::Error => "Error",
        }
    }

    /// Green for free, blue for energy, amber for waiting, red for broken.
    pub const fn colour(self) -> Colour {
        match self {
            Self::Idle => Colour::GREEN,
            Self::Charging => Colour::BLUE,
            Self::Authorizing | Self::Preparing | Self::Finishing => Colour::AMBER,
            Self::SuspendedEv | Self::SuspendedEvse => Colour::CYAN,
            Self::Reserved => Colour::VIOLET,
            Self::Unavailable => Colour::GREY,
            Self::Error => Colour::RED,
        }
    }

    /// True while a transaction runs, so that its time, energy and idTag are shown.
    pub const fn is_session(self) -> bool {
        matches!(
            self,
            Self::Charging | Self::SuspendedEv | Self::SuspendedEvse
        )
    }
}

/// A colour on white that is told from the others in daylight: each has a contrast of 4.5 to 1 or
/// more (WCAG 2.1, 1.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// 0 to 255.
    pub red: u8,
    /// 0 to 255.
    pub green: u8,
    /// 0 to 255.
    pub blue: u8,
}

impl Colour {
    /// Free, connected.
    pub const GREEN: Self = Self::new(0x0a7a2f);
    /// Energy flows.
    pub const BLUE: Self = Self::new(0x0b57d0);
    /// The cable, the driver or an answer is waited for.
    pub const AMBER: Self = Self::new(0x9a5b00);
    /// Energy could flow.
    pub const CYAN: Self = Self::new(0x00727f);
    /// Reserved.
    pub const VIOLET: Self = Self::new(0x7b1fa2);
    /// Out of service.
    pub const GREY: Self = Self::new(0x5f6368);
    /// Broken, disconnected.
    pub const RED: Self = Self::new(0xc5221f);

    const fn new(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red, green, blue }
    }
}

/// What there is to see of one connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    number: u8,
    status: Status,
    error: ChargePointError,
    is_authorizing: bool,
    id_tag: String<ID_TOKEN_LENGTH>,
    register_wh: Option<i32>,
    power_w: i32,
    limit: Option<Limit>,
    state_of_charge: Option<u8>,
    goal: Option<Goal>,
    session: Option<Session>,
}

/// When a session is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// After so many seconds.
    Time(u32),
    /// With so many Wh.
    Energy(u32),
}

/// The transaction that runs, or the last one until the next driver comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Session {
    since: u64,
    until: Option<u64>,
    /// What the meter said first.
    from_wh: Option<i32>,
    to_wh: Option<i32>,
}

impl Connector {
    pub(crate) const fn new(number: u8) -> Self {
        Self {
            number,
            status: Status::Available,
            error: ChargePointError::NoError,
            is_authorizing: false,
            id_tag: String::new(),
            register_wh: None,
            power_w: 0,
            limit: None,
            state_of_charge: None,
            goal: None,
            session: None,
        }
    }

    /// Its number, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// By itself: what concerns the whole charge point is in [`View::state`](crate::View::state).
    pub(crate) fn state(&self) -> State {
        match self.status {
            Status::Faulted => State::Error,
            Status::Unavailable => State::Unavailable,
            Status::Charging => State::Charging,
            Status::SuspendedEv => State::SuspendedEv,
            Status::SuspendedEvse => State::SuspendedEvse,
            _ if self.is_authorizing => State::Authorizing,
            Status::Available => State::Idle,
            Status::Preparing => State::Preparing,
            Status::Finishing => State::Finishing,
            Status::Reserved => State::Reserved,
        }
    }

    pub(crate) fn error(&self) -> ChargePointError {
        self.error
    }

    /// The idTag of the driver; empty without one.
    pub fn id_tag(&self) -> &str {
        &self.id_tag
    }

    /// What the running transaction has taken, or the last one did: nothing before the first.
    pub fn energy(&self) -> Energy {
        let taken = self.session.and_then(|session| {
            let (from, to) = (session.from_wh?, session.to_wh?);
            Some(to.saturating_sub(from))
        });
        Energy(taken.unwrap_or(0).max(0))
    }

    /// What is taken now; nothing but while charging.
    pub fn power(&self) -> Option<Power> {
        (self.status == Status::Charging).then_some(Power(self.power_w))
    }

    /// The most that may be taken while a transaction runs: nothing where there is no limit. That none
    /// may be taken is of interest only where it makes the transaction pause.
    pub(crate) fn limit(&self) -> Option<Limit> {
        match self.status {
            Status::SuspendedEvse => self.limit,
            Status::Charging | Status::SuspendedEv => self.limit.filter(|limit| limit.0 > 0),
            _ => None,
        }
    }

    /// How long the running transaction has lasted at `now` (monotonic milliseconds), or the last
    /// one did.
    pub fn elapsed(&self, now: u64) -> Option<Elapsed> {
        let session = self.session?;
        let until = session.until.unwrap_or(now);
        Some(Elapsed(until.saturating_sub(session.since) / 1000))
    }

    /// How much of what there is to charge is charged at `now` (monotonic milliseconds), in
    /// thousandths: the vehicle's state of charge, else the time or the energy of the session
    /// against its goal. `None` where neither is known, and without a running transaction. It
    /// changes with the elapsed seconds and the meter.
    pub(crate) fn share(&self, now: u64) -> Option<u32> {
        let running = self.session.filter(|_| self.is_running())?;
        if let Some(percent) = self.state_of_charge {
            return Some(u32::from(percent) * 10);
        }
        let (done, all) = match self.goal? {
            Goal::Time(seconds) => (now.saturating_sub(running.since) / 1000, seconds),
            Goal::Energy(wh) => (u64::from(self.energy().0.unsigned_abs()), wh),
        };
        let share = (done * 1000).checked_div(all.into())?;
        Some(share.min(1000) as u32)
    }

    /// When `elapsed` changes next, after `now` (monotonic milliseconds): what is looked at then is
    /// of the same moment as the elapsed time. Without a running transaction whole seconds count.
    pub fn next_second(&self, now: u64) -> u64 {
        let running = self.session.filter(|_| self.is_running());
        let since = running.map_or(0, |session| session.since);
        let passed = now.saturating_sub(since) / 1000;
        since + (passed + 1) * 1000
    }

    /// When the transaction began, the last one if none runs.
    pub(crate) fn since(&self) -> Option<u64> {
        Some(self.session?.since)
    }

    pub(crate) fn set_status(&mut self, status: Status, error: ChargePointError) {
        (self.status, self.error) = (status, error);
        if status == Status::Available && !self.is_authorizing && !self.is_running() {
            self.id_tag.clear();
        }
    }

    pub(crate) fn authorizing(&mut self, id_tag: &IdToken) {
        // The idTag that charges stays in sight when another is presented.
        if !self.is_running() {
            self.is_authorizing = true;
            self.set_id_tag(id_tag);
        }
    }

    pub(crate) fn authorized(&mut self, id_tag: &IdToken) {
        if !self.is_running() {
            self.is_authorizing = false;
            self.set_id_tag(id_tag);
        }
    }

    pub(crate) fn left(&mut self) {
        if !self.is_running() {
            self.is_authorizing = false;
            self.id_tag.clear();
        }
    }

    pub(crate) fn started(&mut self, now: u64, id_tag: Option<&IdToken>) {
        self.is_authorizing = false;
        if let Some(id_tag) = id_tag {
            self.set_id_tag(id_tag);
        }
        self.session = Some(Session {
            since: now,
            until: None,
            from_wh: self.register_wh,
            to_wh: self.register_wh,
        });
    }

    pub(crate) fn stopped(&mut self, now: u64) {
        if let Some(session) = &mut self.session {
            session.until.get_or_insert(now);
        }
        self.power_w = 0;
        self.id_tag.clear();
    }

    pub(crate) fn set_limit(&mut self, limit: Option<u16>) {
        self.limit = limit.map(Limit);
    }

    pub(crate) fn set_goal(&mut self, goal: Option<Goal>) {
        self.goal = goal;
    }

    /// In percent; what is none is not known.
    pub(crate) fn set_state_of_charge(&mut self, percent: Option<i32>) {
        let percent = percent.and_then(|percent| u8::try_from(percent).ok());
        self.state_of_charge = percent.filter(|percent| *percent <= 100);
    }

    /// With `?` for what a display would act upon, or not show.
    fn set_id_tag(&mut self, id_tag: &IdToken) {
        self.id_tag.clear();
        for character in id_tag.chars() {
            let shown = match is_invisible(character) {
                true => '?',
                false => character,
            };
            // None is longer than the one in its place.
            let _ = self.id_tag.push(shown);
        }
    }

    pub(crate) fn metered(&mut self, register_wh: i32, power_w: i32) {
        self.register_wh = Some(register_wh);
        self.power_w = power_w;
        if let Some(session) = &mut self.session
            && session.until.is_none()
        {
            session.from_wh.get_or_insert(register_wh);
            session.to_wh = Some(register_wh);
        }
    }

    fn is_running(&self) -> bool {
        self.session.is_some_and(|session| session.until.is_none())
    }
}
