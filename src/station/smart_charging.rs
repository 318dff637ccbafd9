//! Smart Charging (OCPP 1.6, 3.13): charging profiles, the limits that follow from them, and when
//! these change.
//!
//! Profiles are objects in storage ([`crate::storage::objects`]). What of each is in RAM says when it
//! is in force, and holds the one period of it that was looked up last: storage is asked again where
//! the next one begins.

mod check;
mod composite;
mod installed;
mod power;
mod profile;
mod schedule;
mod sharing;
mod stack;

pub(super) use composite::{Report, Sources};

use heapless::Vec;

use super::{
    Event, context::Context, memory::Events, settings::Settings, transactions::Transactions,
};
use crate::{
    dialect::{ChargingProfile, ChargingProfileFilter},
    domain::{ChargingLimit, ChargingProfilePurpose, Equipment},
    limits::{CHARGING_PERIOD_REQUEST, CHARGING_PERIODS, CHARGING_PROFILE_AROUND, CONNECTORS},
    storage::Storage,
    wire::field::Violation,
};

use installed::Profiles;
use power::{Amount, Hardware};
use profile::{Profile, Reading};
use schedule::{FOREVER, Moment};
use sharing::{Sharer, Sharers};
use stack::{Bounds, Place, bounds_at};

/// What limits a connector now.
#[derive(Clone, Copy, Debug)]
struct Limit {
    now: Option<ChargingLimit>,
    /// The application was told.
    told: Option<ChargingLimit>,
}

/// Profiles and limits.
#[derive(Debug)]
pub(super) struct SmartCharging {
    profiles: Profiles,
    /// The order of the one that was taken last.
    last_order: u32,
    /// Of the whole charge point as connector 0, and of each connector.
    limits: Vec<Limit, { CONNECTORS + 1 }>,
    /// When one of them changes by itself.
    changes_at: Option<u64>,
    /// There may be something to tell the application.
    is_changed: bool,
    /// The composite schedule that is told. `None` would not be zeros, as an unused
    /// [`Memory`](super::Memory) is.
    report: Vec<Report, 1>,
}

/// A transaction that has profiles of its own.
#[derive(Clone, Copy, Debug)]
struct Running {
    /// The station's number for it, 0 while it has none.
    number: u32,
    began: u64,
}

impl Running {
    fn at(transactions: &Transactions, connector: u8) -> Option<Self> {
        let session = transactions.get(connector)?;
        let running = session.running().filter(|running| !running.is_ending)?;
        Some(Self {
            number: session.transaction()?.recorded().unwrap_or(0),
            began: running.started_at,
        })
    }
}

impl SmartCharging {
    pub const fn new() -> Self {
        Self {
            profiles: Vec::new(),
            last_order: 0,
            limits: Vec::new(),
            changes_at: None,
            is_changed: false,
            report: Vec::new(),
        }
    }

    pub fn clear(&mut self) {
        const NONE: Limit = Limit {
            now: None,
            told: None,
        };
        self.profiles.clear();
        self.last_order = 0;
        self.limits.clear();
        while self.limits.push(NONE).is_ok() {}
        self.changes_at = None;
        self.is_changed = false;
        self.report.clear();
    }

    /// Gives the settings that follow from what the charge point is made of their values.
    pub fn prepare(settings: &mut Settings, equipment: &Equipment<'_>) {
        settings.set_switches_phases(equipment.can_switch_phases());
        if let Some(bytes) = equipment.longest_frame() {
            let room = (bytes as usize).saturating_sub(CHARGING_PROFILE_AROUND);
            let most = (room / CHARGING_PERIOD_REQUEST).clamp(1, CHARGING_PERIODS);
            settings.set_charging_periods(most as u32);
        }
    }

    /// Takes up what storage remembers. [`Self::update`] follows.
    pub fn load(&mut self, storage: &mut dyn Storage, events: &mut Events) {
        self.last_order = installed::read_all(storage, events, &mut self.profiles);
        installed::clear_up(storage, events, &mut self.profiles);
    }

    /// Takes a profile of a connector where that transaction runs, if one does: false if it cannot be
    /// taken. [`Self::update`] follows.
    ///
    /// # Errors
    ///
    /// What is wrong with its form.
    pub fn set(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        transactions: &Transactions,
        asked: ChargingProfile<'_>,
    ) -> Result<bool, Violation> {
        let running = Running::at(transactions, connector);
        let id = transactions.running(connector).and_then(|it| it.id());
        let is_right = match (asked.purpose, asked.transaction) {
            (ChargingProfilePurpose::Tx, Some(_)) => running.is_some() && asked.transaction == id,
            (ChargingProfilePurpose::Tx, None) => running.is_some(),
            _ => true,
        };
        let number = running.map_or(0, |running| running.number);
        self.install(cx, connector, asked, is_right, number)
    }

    /// Takes the profile of a transaction that is to begin at a connector: false if it cannot be taken.
    pub fn set_early(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        asked: ChargingProfile<'_>,
    ) -> bool {
        // Errata: it cannot know a transactionId.
        let is_right = asked.purpose == ChargingProfilePurpose::Tx && asked.transaction.is_none();
        self.install(cx, connector, asked, is_right, 0)
            .unwrap_or(false)
    }

    fn install(
        &mut self,
        cx: &mut Context<'_>,
        connector: u8,
        asked: ChargingProfile<'_>,
        is_right: bool,
        transaction: u32,
    ) -> Result<bool, Violation> {
        let header = check::header(&asked, connector).filter(|_| is_right);
        let Some(mut profile) = header else {
            return installed::check_form(asked.schedule.periods);
        };
        if profile.purpose == ChargingProfilePurpose::Tx {
            profile.transaction = transaction;
        }
        // None is given twice in a run: what could not be read may have it.
        self.last_order = self.last_order.saturating_add(1);
        profile.order = self.last_order;
        installed::install(cx, &mut self.profiles, profile, asked.schedule.periods)
    }

    /// Erases those that are meant: true if there were some. [`Self::update`] follows.
    pub fn remove(&mut self, cx: &mut Context<'_>, filter: &ChargingProfileFilter) -> bool {
        installed::remove(cx, &mut self.profiles, |it| installed::is_meant(filter, it))
    }

    /// True when a connector has profiles of a transaction.
    pub fn has_profiles_of_transaction(&self, connector: u8) -> bool {
        let mut profiles = self.profiles.iter();
        profiles.any(|it| it.is_of_transaction(connector))
    }

    /// The transaction of a connector has ended, or does not begin: its profiles go with it.
    pub fn forget_transaction(&mut self, cx: &mut Context<'_>, connector: u8) {
        installed::forget_transaction(cx, &mut self.profiles, connector);
    }

    /// The transaction of a connector has its number now: profiles that came before belong to it.
    fn adopt(&mut self, connector: u8, transaction: u32) {
        let of_it = |it: &&mut Profile| it.transaction == 0 && it.is_of_transaction(connector);
        let early = self.profiles.iter_mut().filter(of_it);
        early.for_each(|profile| profile.transaction = transaction);
    }

    /// Finds all limits as they are now, and when the first of them changes.
    pub fn update(&mut self, cx: &mut Context<'_>, transactions: &Transactions) {
        self.is_changed = true;
        if self.profiles.is_empty() {
            self.limits.iter_mut().for_each(|limit| limit.now = None);
            self.changes_at = None;
            return;
        }
        let mut left = FOREVER;
        let mut sharers = Sharers::new();
        let mut station = None;
        let mut all_own = [None; CONNECTORS + 1];
        for (number, own) in (0..cx.profile.connectors + 1).zip(&mut all_own) {
            let bounds = self.bounds(cx, transactions, number);
            left = left.min(bounds.left);
            *own = bounds.own;
            station = bounds.station;
            if let Some(running) = Running::at(transactions, number) {
                self.adopt(number, running.number);
                sharers.add(Sharer {
                    connector: number,
                    began: running.began,
                    own: bounds.own,
                    hardware: Hardware::of(&cx.profile.equipment, number),
                });
            }
        }
        if let Some(whole) = station {
            sharers.share(whole);
        }
        for (number, own) in (0..cx.profile.connectors + 1).zip(all_own) {
            let hardware = Hardware::of(&cx.profile.equipment, number.max(1));
            let whole = station.map(|whole| sharers.part(whole, number));
            let amount = Amount::lowest([own, whole], &hardware);
            if let Some(limit) = self.limits.get_mut(usize::from(number)) {
                limit.now = amount.map(|amount| amount.taken(&hardware).limit());
            }
        }
        self.changes_at = match left {
            FOREVER => None,
            left => Some(cx.now.saturating_add(left)),
        };
    }

    fn bounds(&mut self, cx: &mut Context<'_>, transactions: &Transactions, number: u8) -> Bounds {
        let running = Running::at(transactions, number);
        let moment = Moment {
            utc: cx.utc_estimate(),
            since_start: running.map(|it| cx.now.saturating_sub(it.began)),
            is_now: true,
        };
        let place = Place {
            connector: number,
            transaction: running.map(|running| running.number),
        };
        bounds_at(&mut self.profiles, cx.storage, place, moment)
    }

    /// The profiles, in the order of their stack levels.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// When a limit changes by itself.
    pub fn deadline(&self) -> Option<u64> {
        self.changes_at
    }

    /// The limit of a connector, or of the whole charge point as 0.
    pub fn limit(&self, connector: u8) -> Option<ChargingLimit> {
        self.limits.get(usize::from(connector))?.now
    }

    /// True when a vehicle cannot charge with the limit of a connector.
    pub fn pauses(&self, connector: u8) -> bool {
        self.limit(connector).is_some_and(|limit| limit.pauses())
    }

    /// A limit that the application was not told of.
    pub fn event(&mut self) -> Option<Event> {
        if !self.is_changed {
            return None;
        }
        let mut profiles = self.profiles.iter_mut();
        if let Some(profile) = profiles.find(|it| it.reading == Reading::Failed) {
            profile.reading = Reading::FailureTold;
            return profile.object().map(|it| Event::RecordSkipped(it.head()));
        }
        let mut limits = self.limits.iter_mut().enumerate();
        let Some((number, limit)) = limits.find(|(_, limit)| limit.now != limit.told) else {
            self.is_changed = false;
            return None;
        };
        limit.told = limit.now;
        Some(Event::ChargingLimit {
            connector: u8::try_from(number).ok()?,
            limit: limit.now,
        })
    }
}
