//! Smart Charging profile: the form of a charging profile (OCPP 1.6, 7.8 ChargingProfile), which a
//! RemoteStartTransaction of the Core profile may carry.

use crate::{
    domain::names::names,
    wire::{
        Json, Kind, UnixMillis,
        message::{Message, messages},
    },
};

names! {
    /// What a charging profile is for (7.10 ChargingProfilePurposeType).
    ProfilePurpose {
        /// The whole charge point.
        ChargePointMax = 0 "ChargePointMaxProfile",
        /// Any transaction that has no profile of its own.
        TxDefault = 1 "TxDefaultProfile",
        /// One transaction.
        Tx = 2 "TxProfile",
    }

    /// When a charging schedule begins (7.9 ChargingProfileKindType).
    ProfileKind {
        /// At a given time.
        Absolute = 0 "Absolute",
        /// Again and again.
        Recurring = 1 "Recurring",
        /// When the transaction starts.
        Relative = 2 "Relative",
    }

    /// How often a recurring schedule begins again (7.37 RecurrencyKindType).
    RecurrencyKind {
        /// Every day.
        Daily = 0 "Daily",
        /// Every week.
        Weekly = 1 "Weekly",
    }

    /// What a limit is given in (7.12 ChargingRateUnitType).
    RateUnit {
        /// Watt.
        W = 0 "W",
        /// Ampere a phase.
        A = 1 "A",
    }
}

/// 7.8 ChargingProfile: its fields, checked wherever one arrives.
pub const CHARGING_PROFILE: Kind =
    Kind::Object(<ChargingProfile<'static> as Message<'static>>::FIELDS);

messages! {
    /// 7.8 ChargingProfile, as far as RemoteStartTransaction asks.
    ChargingProfile<'a> {
        /// Unique for the charge point.
        charging_profile_id: i32 = "chargingProfileId" Kind::Integer,
        /// The transaction of a [`ProfilePurpose::Tx`].
        transaction_id: Option<i64> = "transactionId" Kind::Long,
        /// The higher goes first.
        stack_level: i32 = "stackLevel" Kind::Integer,
        /// What it is for.
        purpose: ProfilePurpose = "chargingProfilePurpose" Kind::Choice(ProfilePurpose::NAMES),
        /// When it begins.
        kind: ProfileKind = "chargingProfileKind" Kind::Choice(ProfileKind::NAMES),
        /// How often it begins again.
        recurrency: Option<RecurrencyKind> = "recurrencyKind" Kind::Choice(RecurrencyKind::NAMES),
        /// Not in force before.
        valid_from: Option<UnixMillis> = "validFrom" Kind::Time,
        /// Not in force after.
        valid_to: Option<UnixMillis> = "validTo" Kind::Time,
        /// The limits over time.
        schedule: Json<'a> = "chargingSchedule" Kind::Object(<ChargingSchedule<'a> as Message<'a>>::FIELDS),
    }

    /// 7.13 ChargingSchedule.
    ChargingSchedule<'a> {
        /// Seconds.
        duration: Option<i32> = "duration" Kind::Integer,
        /// Start of an absolute schedule.
        start: Option<UnixMillis> = "startSchedule" Kind::Time,
        /// Unit of the limits.
        unit: RateUnit = "chargingRateUnit" Kind::Choice(RateUnit::NAMES),
        /// List of [`SchedulePeriod`].
        periods: Json<'a> = "chargingSchedulePeriod" Kind::Objects(<SchedulePeriod<'a> as Message<'a>>::FIELDS),
        /// Below that the vehicle charges badly.
        min_rate: Option<Json<'a>> = "minChargingRate" Kind::Number,
    }

    /// 7.14 ChargingSchedulePeriod.
    SchedulePeriod<'a> {
        /// Seconds from the start of the schedule.
        start: i32 = "startPeriod" Kind::Integer,
        /// The limit, one decimal.
        limit: Json<'a> = "limit" Kind::Number,
        /// Phases that may be used.
        phases: Option<i32> = "numberPhases" Kind::Integer,
    }
}
