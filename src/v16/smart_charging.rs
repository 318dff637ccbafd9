//! Smart Charging profile (OCPP 1.6, 5.5, 5.7 and 5.16), and the form of a charging profile (7.8
//! ChargingProfile), which a RemoteStartTransaction of the Core profile may carry.

use super::names;
use crate::{
    domain::{ChargingProfileKind, ChargingProfilePurpose, ChargingRateUnit, RecurrencyKind},
    wire::{
        Json, Kind, UnixMillis,
        message::{Message, messages},
    },
};

/// The name of the list of periods.
pub(super) const PERIODS: &str = "chargingSchedulePeriod";

/// 7.8 ChargingProfile: its fields, checked wherever one arrives.
pub const CHARGING_PROFILE: Kind =
    Kind::Object(<ChargingProfile<'static> as Message<'static>>::FIELDS);

messages! {
    /// 6.43 SetChargingProfile.req
    SetChargingProfile<'a> {
        /// 0 for the whole charge point.
        connector_id: i32 = "connectorId" Kind::Integer,
        /// The profile.
        profile: ChargingProfile<'a> = "csChargingProfiles" Kind::Nested(<ChargingProfile<'a> as Message<'a>>::FIELDS),
    }

    /// 6.13 ClearChargingProfile.req
    ClearChargingProfile {
        /// Which profile; the other fields are left aside then.
        id: Option<i32> = "id" Kind::Integer,
        /// Those that were set on that connector.
        connector_id: Option<i32> = "connectorId" Kind::Integer,
        /// Those with that purpose.
        purpose: Option<ChargingProfilePurpose> = "chargingProfilePurpose" Kind::Choice(names::CHARGING_PROFILE_PURPOSE),
        /// Those of that level.
        stack_level: Option<i32> = "stackLevel" Kind::Integer,
    }

    /// 6.21 GetCompositeSchedule.req
    GetCompositeSchedule {
        /// 0 for what the whole charge point may draw.
        connector_id: i32 = "connectorId" Kind::Integer,
        /// Seconds from now on.
        duration: i32 = "duration" Kind::Integer,
        /// What limits are to be told in.
        unit: Option<ChargingRateUnit> = "chargingRateUnit" Kind::Choice(ChargingRateUnit::NAMES),
    }

    /// 7.8 ChargingProfile
    ChargingProfile<'a> {
        /// Unique for the charge point.
        charging_profile_id: i32 = "chargingProfileId" Kind::Integer,
        /// The transaction of a [`ChargingProfilePurpose::Tx`].
        transaction_id: Option<i64> = "transactionId" Kind::Long,
        /// The higher goes first.
        stack_level: i32 = "stackLevel" Kind::Integer,
        /// What it is for.
        purpose: ChargingProfilePurpose = "chargingProfilePurpose" Kind::Choice(names::CHARGING_PROFILE_PURPOSE),
        /// When it begins.
        kind: ChargingProfileKind = "chargingProfileKind" Kind::Choice(ChargingProfileKind::NAMES),
        /// How often it begins again.
        recurrency: Option<RecurrencyKind> = "recurrencyKind" Kind::Choice(RecurrencyKind::NAMES),
        /// Not in force before.
        valid_from: Option<UnixMillis> = "validFrom" Kind::Time,
        /// Not in force after.
        valid_to: Option<UnixMillis> = "validTo" Kind::Time,
        /// The limits over time.
        schedule: ChargingSchedule<'a> = "chargingSchedule" Kind::Nested(<ChargingSchedule<'a> as Message<'a>>::FIELDS),
    }

    /// 7.13 ChargingSchedule
    ChargingSchedule<'a> {
        /// Seconds.
        duration: Option<i32> = "duration" Kind::Integer,
        /// Start of an absolute schedule.
        start: Option<UnixMillis> = "startSchedule" Kind::Time,
        /// Unit of the limits.
        unit: ChargingRateUnit = "chargingRateUnit" Kind::Choice(ChargingRateUnit::NAMES),
        /// List of [`ChargingSchedulePeriod`].
        periods: Json<'a> = "chargingSchedulePeriod" Kind::Streamed(<ChargingSchedulePeriod as Message<'a>>::FIELDS),
        /// Below that the vehicle charges badly, in tenths.
        min_rate: Option<i64> = "minChargingRate" Kind::Tenths,
    }

    /// 7.14 ChargingSchedulePeriod
    ChargingSchedulePeriod {
        /// Seconds from the start of the schedule.
        start: i32 = "startPeriod" Kind::Integer,
        /// The limit, in tenths.
        limit: i64 = "limit" Kind::Tenths,
        /// Phases that may be used.
        phases: Option<i32> = "numberPhases" Kind::Integer,
    }
}
