//! Charging profiles, as tests write and read them.

use ocpp::domain::{ChargingLimit, ChargingRateUnit};
use serde_json::{Value, json};

use super::{bench::Bench, frames::Answer};

/// A charging profile in the making: Absolute, 16 A, from the bench's first moment on.
#[derive(Clone, Debug)]
pub struct Profile(pub Value);

/// The profile of all or of one connector with that id and stack level.
pub fn tx_default(id: i32, stack_level: i32) -> Profile {
    profile("TxDefaultProfile", id, stack_level)
}

/// The profile of the whole charge point.
pub fn station_max(id: i32, stack_level: i32) -> Profile {
    profile("ChargePointMaxProfile", id, stack_level)
}

/// The profile of a transaction, which it does not name.
pub fn of_transaction(id: i32, stack_level: i32) -> Profile {
    profile("TxProfile", id, stack_level)
}

fn profile(purpose: &str, id: i32, stack_level: i32) -> Profile {
    Profile(json!({
        "chargingProfileId": id,
        "stackLevel": stack_level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "startSchedule": "2026-03-02T08:00:00Z",
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{ "startPeriod": 0, "limit": 16.0 }],
        },
    }))
}

impl Profile {
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.as_object_mut().unwrap().remove(name);
        self
    }

    pub fn schedule(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0["chargingSchedule"][name] = value.into();
        self
    }

    pub fn without_in_schedule(mut self, name: &str) -> Self {
        let schedule = self.0["chargingSchedule"].as_object_mut().unwrap();
        schedule.remove(name);
        self
    }

    pub fn relative(self) -> Self {
        self.with("chargingProfileKind", "Relative")
            .without_in_schedule("startSchedule")
    }

    pub fn daily(self, start: &str) -> Self {
        self.with("chargingProfileKind", "Recurring")
            .with("recurrencyKind", "Daily")
            .from(start)
    }

    pub fn weekly(self, start: &str) -> Self {
        self.with("chargingProfileKind", "Recurring")
            .with("recurrencyKind", "Weekly")
            .from(start)
    }

    /// startSchedule
    pub fn from(self, start: &str) -> Self {
        self.schedule("startSchedule", start)
    }

    pub fn lasting(self, seconds: i32) -> Self {
        self.schedule("duration", seconds)
    }

    pub fn valid_from(self, time: &str) -> Self {
        self.with("validFrom", time)
    }

    pub fn valid_to(self, time: &str) -> Self {
        self.with("validTo", time)
    }

    pub fn of(self, transaction_id: usize) -> Self {
        self.with("transactionId", transaction_id)
    }

    pub fn limit(self, limit: f64) -> Self {
        self.periods(&[(0, limit)])
    }

    pub fn watts(self, limit: f64) -> Self {
        self.limit(limit).schedule("chargingRateUnit", "W")
    }

    /// Start and limit of each.
    pub fn periods(self, periods: &[(i32, f64)]) -> Self {
        let periods: Vec<_> = periods
            .iter()
            .map(|(start, limit)| json!({ "startPeriod": start, "limit": limit }))
            .collect();
        self.schedule("chargingSchedulePeriod", periods)
    }

    /// All periods with that number of phases.
    pub fn phases(mut self, phases: i32) -> Self {
        let periods = &mut self.0["chargingSchedule"]["chargingSchedulePeriod"];
        for period in periods.as_array_mut().unwrap() {
            period["numberPhases"] = phases.into();
        }
        self
    }
}

impl Bench {
    /// SetChargingProfile: the status.
    pub fn set_profile(&mut self, connector: u8, profile: Profile) -> String {
        let request = json!({ "connectorId": connector, "csChargingProfiles": profile.0 });
        self.status_of("SetChargingProfile", request)
    }

    /// SetChargingProfile that has to be taken.
    pub fn take_profile(&mut self, connector: u8, profile: Profile) {
        let text = format!("{profile:?}");
        assert_eq!(self.set_profile(connector, profile), "Accepted", "{text}");
    }

    /// SetChargingProfile that no schema allows: the code of its CALLERROR.
    pub fn profile_error(&mut self, connector: i32, profile: Profile) -> String {
        let request = json!({ "connectorId": connector, "csChargingProfiles": profile.0 });
        let frame = json!([2, "odd", "SetChargingProfile", request]).to_string();
        match &self.odd_frame(ocpp::station::Input::Frame(frame.as_bytes()), "odd")[..] {
            [Answer::Error { code, .. }] => code.clone(),
            [Answer::Result(payload)] => payload["status"].as_str().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// ClearChargingProfile: the status.
    pub fn clear_profiles(&mut self, filter: Value) -> String {
        self.status_of("ClearChargingProfile", filter)
    }

    /// What may be drawn at a connector now.
    pub fn limit(&self, connector: u8) -> Option<ChargingLimit> {
        self.station.charging_limit(connector)
    }

    /// The same: tenths of A only.
    pub fn amperes(&self, connector: u8) -> Option<f64> {
        let limit = self.limit(connector)?;
        Some(f64::from(limit.deciamperes) / 10.0)
    }

    /// When the station or the world around it moves next, in virtual time.
    pub fn next_deadline(&self) -> u64 {
        self.next_moment()
    }

    /// Readings that were sent are not of interest.
    pub fn forget_readings(&mut self) {
        self.unread.retain(|call| call.action != "MeterValues");
    }

    /// The chunks of a stored charging profile can no longer be read.
    pub fn damage_object(&mut self, slot: u16) {
        let first = 0x8000 + 0x100 * slot;
        let records = self.disk.snapshot();
        let chunks = records
            .keys()
            .filter(|id| (first..first + 0x100).contains(&id.0));
        let chunks: Vec<_> = chunks.copied().collect();
        assert!(!chunks.is_empty());
        chunks.into_iter().for_each(|chunk| self.disk.damage(chunk));
    }

    /// GetCompositeSchedule that is accepted: start and limit of each period.
    pub fn composite(&mut self, connector: u8, duration: i32, unit: &str) -> Vec<(i64, f64)> {
        let answer = self.composite_schedule(connector, duration, unit);
        let periods = &answer["chargingSchedule"]["chargingSchedulePeriod"];
        let periods = periods.as_array().unwrap_or_else(|| panic!("{answer}"));
        let periods = periods.iter();
        periods
            .map(|it| {
                (
                    it["startPeriod"].as_i64().unwrap(),
                    it["limit"].as_f64().unwrap(),
                )
            })
            .collect()
    }

    /// GetCompositeSchedule: the answer.
    pub fn composite_schedule(&mut self, connector: u8, duration: i32, unit: &str) -> Value {
        let ask = json!({
            "connectorId": connector,
            "duration": duration,
            "chargingRateUnit": unit,
        });
        let answer = self.call("GetCompositeSchedule", ask);
        if answer["status"] == "Accepted" {
            let shown = self.shown_schedule(connector, duration as u32, unit);
            assert_eq!(
                shown.as_ref(),
                Some(&answer),
                "what the application is shown"
            );
        }
        answer
    }

    /// The same, as the application may look at it.
    pub fn shown_schedule(&mut self, connector: u8, duration: u32, unit: &str) -> Option<Value> {
        let units = [ChargingRateUnit::W, ChargingRateUnit::A];
        let unit = units.into_iter().find(|it| it.as_str() == unit).unwrap();
        let mut buffer = vec![0; 64 * 1024];
        let station = &mut self.station;
        let schedule = station.composite_schedule(connector, unit, duration, &mut buffer);
        schedule.map(|text| serde_json::from_str(text).unwrap())
    }
}
