//! Names of OCPP 1.6 where it does not have all that the domain has, or calls it otherwise.

use crate::domain::{AuthorizationStatus, MessageTrigger, Reason, ResetType, UnlockStatus};

/// The first names, which are those of OCPP 1.6: what a later version brought stands behind.
const fn first(names: &'static [&'static str], count: usize) -> &'static [&'static str] {
    names.split_at(count).0
}

/// 7.2 AuthorizationStatus
pub const AUTHORIZATION_STATUS: &[&str] = first(AuthorizationStatus::NAMES, 5);
/// 7.10 ChargingProfilePurposeType
pub const CHARGING_PROFILE_PURPOSE: &[&str] =
    &["ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"];
/// 7.32 MessageTrigger
pub const MESSAGE_TRIGGER: &[&str] = first(MessageTrigger::NAMES, 6);
/// 7.42 ResetType
pub const RESET_TYPE: &[&str] = first(ResetType::NAMES, 2);

/// 7.36 Reason
pub fn reason(reason: Reason) -> &'static str {
    match reason as u8 <= Reason::UnlockCommand as u8 {
        true => reason.as_str(),
        false => Reason::Other.as_str(),
    }
}

/// 7.46 UnlockStatus
pub fn unlock_status(status: UnlockStatus) -> &'static str {
    match status {
        UnlockStatus::OngoingAuthorizedTransaction => UnlockStatus::UnlockFailed.as_str(),
        UnlockStatus::UnknownConnector => UnlockStatus::NotSupported.as_str(),
        status => status.as_str(),
    }
}
