//! Names of the station's settings: those of the configuration keys of OCPP 1.6 (9.1 Core Profile),
//! by which an operator knows them in every version.

use super::Key;
use crate::wire::Text;

/// What it is called.
impl Key {
    /// The names, in the order of [`Self::ALL`].
    pub const NAMES: &'static [&'static str] = &NAMES;

    /// The name, which is compared without case (`CiString50`).
    pub fn name(self) -> &'static str {
        NAMES.get(self as usize).copied().unwrap_or("")
    }

    /// The key with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut keys = Self::ALL.iter().copied();
        keys.find(|key| name.eq_ignore_ascii_case(key.name()))
    }

    /// The key with that name as it stands in a frame.
    pub fn from_text(name: Text<'_>) -> Option<Self> {
        match name.plain() {
            Some(name) => Self::from_name(name),
            None => Self::ALL.iter().copied().find(|key| name.is_ci(key.name())),
        }
    }
}

/// The name of each setting, in the order of [`Key::ALL`].
const NAMES: [&str; Key::ALL.len()] = [
    #[cfg(feature = "security")]
    "AdditionalRootCertificateCheck",
    "AllowOfflineTxForUnknownId",
    "AuthorizationCacheEnabled",
    #[cfg(feature = "security")]
    "AuthorizationKey",
    "AuthorizeRemoteTxRequests",
    "BlinkRepeat",
    #[cfg(feature = "security")]
    "CertificateSignedMaxChainSize",
    #[cfg(feature = "security")]
    "CertificateStoreMaxLength",
    #[cfg(feature = "smart-charging")]
    "ChargeProfileMaxStackLevel",
    #[cfg(feature = "smart-charging")]
    "ChargingScheduleAllowedChargingRateUnit",
    #[cfg(feature = "smart-charging")]
    "ChargingScheduleMaxPeriods",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "ConnectorPhaseRotationMaxLength",
    #[cfg(feature = "smart-charging")]
    "ConnectorSwitch3to1PhaseSupported",
    #[cfg(feature = "security")]
    "CpoName",
    "GetConfigurationMaxKeys",
    "HeartbeatInterval",
    "LightIntensity",
    #[cfg(feature = "local-list")]
    "LocalAuthListEnabled",
    #[cfg(feature = "local-list")]
    "LocalAuthListMaxLength",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    #[cfg(feature = "smart-charging")]
    "MaxChargingProfilesInstalled",
    "MaxEnergyOnInvalidId",
    "MessageTimeout",
    "MeterValuesAlignedData",
    "MeterValuesAlignedDataMaxLength",
    "MeterValuesSampledData",
    "MeterValuesSampledDataMaxLength",
    "MeterValueSampleInterval",
    "MinimumStatusDuration",
    "NumberOfConnectors",
    #[cfg(feature = "reservation")]
    "ReserveConnectorZeroSupported",
    "ResetRetries",
    #[cfg(feature = "security")]
    "SecurityProfile",
    #[cfg(feature = "local-list")]
    "SendLocalListMaxLength",
    "StopTransactionMaxMeterValues",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnAlignedDataMaxLength",
    "StopTxnSampledData",
    "StopTxnSampledDataMaxLength",
    "SupportedFeatureProfiles",
    "SupportedFeatureProfilesMaxLength",
    #[cfg(feature = "firmware-management")]
    "SupportedFileTransferProtocols",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
    "WebSocketPingInterval",
];

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn each_setting_has_its_own_name() {
        for (key, name) in Key::ALL.iter().zip(NAMES) {
            assert_eq!(format!("{key:?}"), name);
        }
    }
}
