//! Charging profiles and limits (OCPP 1.6, 5.5, 5.7, 5.11 and 5.16), and what follows from them: a
//! transaction pauses while its limit is too small for a vehicle.

use crate::{
    dialect::{ChargingProfile, ChargingProfileFilter, CompositeScheduleAsked},
    domain::{AcceptedStatus, ChargingLimit, ChargingProfilePurpose, ChargingRateUnit},
    station::{
        Station,
        smart_charging::{Report, Sources},
    },
    wire::{ErrorCode, Writer, field::Violation},
};

/// A charging profile as the application may look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstalledProfile {
    /// The central system's number for it.
    pub id: i32,
    /// 0 for the whole charge point, or for every connector.
    pub connector: u8,
    /// What it limits.
    pub purpose: ChargingProfilePurpose,
    /// The highest counts.
    pub stack_level: u8,
}

impl Station<'_> {
    /// The charging profiles that are installed, those of the highest stack level first.
    pub fn charging_profiles(&self) -> impl Iterator<Item = InstalledProfile> {
        let profiles = self.smart_charging.profiles().iter();
        profiles.map(|profile| InstalledProfile {
            id: profile.id,
            connector: profile.connector,
            purpose: profile.purpose,
            stack_level: profile.stack_level,
        })
    }

    /// What may be drawn at a connector now, or by the whole charge point as connector 0; `None` where
    /// no charging profile limits it. [`Event::ChargingLimit`](crate::station::Event) tells each
    /// change.
    pub fn charging_limit(&self, connector: u8) -> Option<ChargingLimit> {
        self.smart_charging.limit(connector)
    }

    /// What may be drawn at a connector from now on, or by the whole charge point as connector 0, for so
    /// many seconds: the payload of the answer to a GetCompositeSchedule of the version that is spoken
    /// (OCPP 1.6, 5.7), written into `buffer`. 1,000 periods at most take 60 bytes each.
    ///
    /// `None` for an unknown connector, before UTC is known, where it does not fit, and while the central
    /// system is being told one in parts.
    pub fn composite_schedule<'b>(
        &mut self,
        connector: u8,
        unit: ChargingRateUnit,
        duration: u32,
        buffer: &'b mut [u8],
    ) -> Option<&'b str> {
        if self.smart_charging.tells_composite() || !self.all_numbers().contains(&connector) {
            return None;
        }
        let utc = self.cx.utc()?;
        let report = Report::new(connector, Some(unit), duration, utc, self.cx.now);
        let mut sources = Sources {
            version: self.cx.version,
            storage: self.cx.storage,
            transactions: self.transactions,
            equipment: &self.cx.profile.equipment,
            connectors: self.cx.profile.connectors,
        };
        let mut w = Writer::new(buffer);
        let part = &mut self.smart_charging;
        part.begin_composite(&mut w, self.cx.version, report);
        let is_whole = part.go_on_with_composite(&mut w, &mut sources);
        part.end_composite();
        let (length, overflowed) = (w.len(), w.overflowed());
        let bytes = buffer.get(..length).filter(|_| is_whole && !overflowed)?;
        ::core::str::from_utf8(bytes).ok()
    }

    /// 5.16 Set Charging Profile.
    #[inline(never)]
    pub(super) fn set_charging_profile(
        &mut self,
        number: i32,
        profile: ChargingProfile<'_>,
    ) -> Result<AcceptedStatus, Violation> {
        let connector = match number {
            0 => Some(0),
            number => self.connector_number(number),
        };
        let Some(connector) = connector else {
            // Errata: an unknown connector is an error.
            return Err(Violation {
                code: ErrorCode::PropertyConstraintViolation,
                field: "connectorId",
            });
        };
        let (cx, transactions) = (&mut self.cx, &*self.transactions);
        let is_taken = self
            .smart_charging
            .set(cx, connector, transactions, profile)?;
        if !is_taken {
            return Ok(AcceptedStatus::Rejected);
        }
        self.update_limits();
        Ok(AcceptedStatus::Accepted)
    }

    /// 5.5 Clear Charging Profile: the name of the status.
    #[inline(never)]
    pub(super) fn clear_charging_profiles(
        &mut self,
        filter: &ChargingProfileFilter,
    ) -> &'static str {
        if !self.smart_charging.remove(&mut self.cx, filter) {
            return "Unknown";
        }
        self.update_limits();
        AcceptedStatus::Accepted.as_str()
    }

    /// 5.7 Get Composite Schedule.
    #[inline(never)]
    pub(super) fn get_composite_schedule(&mut self, raw_id: &str, asked: CompositeScheduleAsked) {
        let connector = match asked.connector {
            0 => Some(0),
            number => self.connector_number(number),
        };
        let duration = u32::try_from(asked.duration).ok();
        let report = match (connector, duration, self.cx.utc()) {
            (Some(connector), Some(duration), Some(utc)) => {
                Report::new(connector, asked.unit, duration, utc, self.cx.now)
            }
            _ => {
                let (version, rejected) = (self.cx.version, AcceptedStatus::Rejected.as_str());
                return self
                    .rpc
                    .answer(raw_id, &mut |w| version.status(w, rejected));
            }
        };
        let mut sources = Sources {
            version: self.cx.version,
            storage: self.cx.storage,
            transactions: self.transactions,
            equipment: &self.cx.profile.equipment,
            connectors: self.cx.profile.connectors,
        };
        let (version, mut report) = (self.cx.version, Some(report));
        let part = &mut self.smart_charging;
        self.rpc.answer_in_parts(raw_id, &mut |w| {
            if let Some(report) = report.take() {
                part.begin_composite(w, version, report);
            }
            part.go_on_with_composite(w, &mut sources)
        });
    }

    /// Goes on with a schedule that did not fit into the transmit buffer.
    #[inline(never)]
    pub(in crate::station) fn go_on_with_composite(&mut self) {
        if self.rpc.wants_next_part() && self.smart_charging.tells_composite() {
            let mut sources = Sources {
                version: self.cx.version,
                storage: self.cx.storage,
                transactions: self.transactions,
                equipment: &self.cx.profile.equipment,
                connectors: self.cx.profile.connectors,
            };
            let part = &mut self.smart_charging;
            self.rpc
                .next_part(&mut |w| part.go_on_with_composite(w, &mut sources));
        }
    }

    /// Takes the profile of a transaction that is to begin (5.11); false if it cannot be taken.
    /// [`Self::update_limits`] follows, once the driver is known.
    pub(super) fn take_early_profile(
        &mut self,
        connector: u8,
        profile: Option<ChargingProfile<'_>>,
    ) -> bool {
        let Some(profile) = profile else {
            return true;
        };
        self.smart_charging
            .set_early(&mut self.cx, connector, profile)
    }

    /// Forgets the profiles of a transaction that has ended, or that does not begin. Called after
    /// everything that may have ended one.
    pub(in crate::station) fn forget_profiles_of_transaction(&mut self, number: u8) {
        if !self.smart_charging.has_profiles_of_transaction(number) {
            return;
        }
        let session = self.transactions.get(number);
        let is_idle = session.is_none_or(|session| session.is_idle());
        if is_idle && self.authorization.pending(number).is_none() {
            self.smart_charging.forget_transaction(&mut self.cx, number);
            self.update_limits();
        }
    }

    /// Limits may have changed: by the time, by profiles, by transactions that have begun or ended.
    #[inline(never)]
    pub(in crate::station) fn update_limits(&mut self) {
        self.smart_charging.update(&mut self.cx, self.transactions);
        for number in self.connector_numbers() {
            let pauses = self.smart_charging.pauses(number);
            let session = self.transactions.get_mut(number);
            if session.is_some_and(|session| session.pause(pauses)) {
                self.status_changed(number);
            }
        }
    }
}
