//! Names of the station's settings in OCPP 2.0.1: components and variables of its device model.

use crate::station::Key;

/// What a setting is in the device model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Name of the component.
    pub component: &'static str,
    /// Name of the variable.
    pub name: &'static str,
    /// Instance of the variable, where it has several.
    pub instance: Option<&'static str>,
    /// Where in the variable the setting is told.
    pub part: Part,
    /// The unit of its value.
    pub unit: Option<&'static str>,
    /// No message sets it.
    pub is_read_only: bool,
}

/// Where in a variable a setting is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its attribute Actual.
    Actual,
    /// maxLimit of its characteristics, which no message sets.
    MaxLimit,
}

impl Variable {
    const fn new(component: &'static str, name: &'static str) -> Self {
        Self {
            component,
            name,
            instance: None,
            part: Part::Actual,
            unit: None,
            is_read_only: false,
        }
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    const fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    const fn instance(mut self, instance: &'static str) -> Self {
        self.instance = Some(instance);
        self
    }

    const fn max_limit(mut self) -> Self {
        self.part = Part::MaxLimit;
        self
    }

    /// Of a setting; `None` for one that 2.0.1 does not have.
    pub fn of(key: Key) -> Option<Self> {
        let mut rows = VARIABLES.iter();
        let (_, variable) = rows.find(|(of, _)| *of == key)?;
        Some(*variable)
    }

    /// The setting that is this variable's value; names are compared without case.
    pub fn setting(component: &str, name: &str, instance: Option<&str>) -> Option<Key> {
        let is_it = |variable: &Variable| {
            variable.part == Part::Actual
                && variable.component.eq_ignore_ascii_case(component)
                && variable.name.eq_ignore_ascii_case(name)
                && match (variable.instance, instance) {
                    (Some(of), Some(instance)) => of.eq_ignore_ascii_case(instance),
                    (of, instance) => of == instance,
                }
        };
        let mut rows = VARIABLES.iter();
        let (key, _) = rows.find(|(_, variable)| is_it(variable))?;
        Some(*key)
    }
}

/// The component whose variables are the settings of the application's own: that of 2.0.1 for what a
/// vendor adds (appendices, standardized components).
pub const APPLICATION: &str = "CustomizationCtrlr";

/// Of each setting that 2.0.1 has as well.
pub const VARIABLES: &[(Key, Variable)] = &[
    (
        Key::AllowOfflineTxForUnknownId,
        Variable::new("AuthCtrlr", "OfflineTxForUnknownIdEnabled"),
    ),
    (
        Key::AuthorizationCacheEnabled,
        Variable::new("AuthCacheCtrlr", "Enabled"),
    ),
    (
        Key::AuthorizeRemoteTxRequests,
        Variable::new("AuthCtrlr", "AuthorizeRemoteStart"),
    ),
    (
        Key::ClockAlignedDataInterval,
        Variable::new("AlignedDataCtrlr", "Interval").unit("s"),
    ),
    (
        Key::ConnectionTimeOut,
        Variable::new("TxCtrlr", "EVConnectionTimeOut").unit("s"),
    ),
    (
        Key::HeartbeatInterval,
        Variable::new("OCPPCommCtrlr", "HeartbeatInterval").unit("s"),
    ),
    (
        Key::LocalAuthorizeOffline,
        Variable::new("AuthCtrlr", "LocalAuthorizeOffline"),
    ),
    (
        Key::LocalPreAuthorize,
        Variable::new("AuthCtrlr", "LocalPreAuthorize"),
    ),
    (
        Key::MaxEnergyOnInvalidId,
        Variable::new("TxCtrlr", "MaxEnergyOnInvalidId").unit("Wh"),
    ),
    (
        Key::MessageTimeout,
        // That of the network profile, which says it in 2.0.1.
        Variable::new("OCPPCommCtrlr", "MessageTimeout")
            .instance("Default")
            .unit("s")
            .read_only(),
    ),
    (
        Key::MeterValuesAlignedData,
        Variable::new("AlignedDataCtrlr", "Measurands"),
    ),
    (
        Key::MeterValuesAlignedDataMaxLength,
        Variable::new("AlignedDataCtrlr", "Measurands").max_limit(),
    ),
    (
        Key::MeterValuesSampledData,
        Variable::new("SampledDataCtrlr", "TxUpdatedMeasurands"),
    ),
    (
        Key::MeterValuesSampledDataMaxLength,
        Variable::new("SampledDataCtrlr", "TxUpdatedMeasurands").max_limit(),
    ),
    (
        Key::MeterValueSampleInterval,
        Variable::new("SampledDataCtrlr", "TxUpdatedInterval").unit("s"),
    ),
    (
        Key::ResetRetries,
        Variable::new("OCPPCommCtrlr", "ResetRetries"),
    ),
    (
        Key::StopTransactionOnEVSideDisconnect,
        Variable::new("TxCtrlr", "StopTxOnEVSideDisconnect"),
    ),
    (
        Key::StopTransactionOnInvalidId,
        Variable::new("TxCtrlr", "StopTxOnInvalidId"),
    ),
    (
        Key::StopTxnAlignedData,
        Variable::new("AlignedDataCtrlr", "TxEndedMeasurands"),
    ),
    (
        Key::StopTxnAlignedDataMaxLength,
        Variable::new("AlignedDataCtrlr", "TxEndedMeasurands").max_limit(),
    ),
    (
        Key::StopTxnSampledData,
        Variable::new("SampledDataCtrlr", "TxEndedMeasurands"),
    ),
    (
        Key::StopTxnSampledDataMaxLength,
        Variable::new("SampledDataCtrlr", "TxEndedMeasurands").max_limit(),
    ),
    (
        Key::TransactionMessageAttempts,
        Variable::new("OCPPCommCtrlr", "MessageAttempts").instance("TransactionEvent"),
    ),
    (
        Key::TransactionMessageRetryInterval,
        Variable::new("OCPPCommCtrlr", "MessageAttemptInterval")
            .instance("TransactionEvent")
            .unit("s"),
    ),
    (
        Key::UnlockConnectorOnEVSideDisconnect,
        Variable::new("OCPPCommCtrlr", "UnlockOnEVSideDisconnect"),
    ),
    (
        Key::WebSocketPingInterval,
        Variable::new("OCPPCommCtrlr", "WebSocketPingInterval").unit("s"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings that 2.0.1 has no variable for.
    const ONLY_IN_16: &[Key] = &[
        #[cfg(feature = "security")]
        Key::AdditionalRootCertificateCheck,
        #[cfg(feature = "security")]
        Key::AuthorizationKey,
        #[cfg(feature = "security")]
        Key::CertificateSignedMaxChainSize,
        #[cfg(feature = "security")]
        Key::CertificateStoreMaxLength,
        #[cfg(feature = "security")]
        Key::CpoName,
        #[cfg(feature = "security")]
        Key::SecurityProfile,
        Key::BlinkRepeat,
        Key::ConnectorPhaseRotation,
        Key::ConnectorPhaseRotationMaxLength,
        Key::GetConfigurationMaxKeys,
        #[cfg(feature = "smart-charging")]
        Key::ChargeProfileMaxStackLevel,
        #[cfg(feature = "smart-charging")]
        Key::ChargingScheduleAllowedChargingRateUnit,
        #[cfg(feature = "smart-charging")]
        Key::ChargingScheduleMaxPeriods,
        #[cfg(feature = "smart-charging")]
        Key::ConnectorSwitch3to1PhaseSupported,
        Key::LightIntensity,
        #[cfg(feature = "local-list")]
        Key::LocalAuthListEnabled,
        #[cfg(feature = "local-list")]
        Key::LocalAuthListMaxLength,
        #[cfg(feature = "smart-charging")]
        Key::MaxChargingProfilesInstalled,
        Key::MinimumStatusDuration,
        Key::NumberOfConnectors,
        #[cfg(feature = "reservation")]
        Key::ReserveConnectorZeroSupported,
        #[cfg(feature = "local-list")]
        Key::SendLocalListMaxLength,
        Key::StopTransactionMaxMeterValues,
        Key::SupportedFeatureProfiles,
        Key::SupportedFeatureProfilesMaxLength,
        // The device model has a fact of that meaning.
        #[cfg(feature = "firmware-management")]
        Key::SupportedFileTransferProtocols,
    ];

    #[test]
    fn every_setting_is_a_variable_or_only_in_16() {
        for key in Key::ALL {
            let is_only_in_16 = ONLY_IN_16.contains(key);
            assert_eq!(Variable::of(*key).is_none(), is_only_in_16, "{key:?}");
        }
        assert_eq!(VARIABLES.len() + ONLY_IN_16.len(), Key::ALL.len());
    }

    #[test]
    fn a_variable_is_found_by_its_names() {
        for (key, variable) in VARIABLES {
            let Variable {
                component,
                name,
                instance,
                part,
                ..
            } = *variable;
            let found = Variable::setting(&component.to_lowercase(), name, instance);
            if part == Part::Actual {
                assert_eq!(found, Some(*key));
            } else {
                assert!(found.is_some_and(|list| list != *key), "{variable:?}");
            }
            assert_eq!(Variable::setting(component, name, Some("Nonsense")), None);
        }
        let without_instance = Variable::setting("OCPPCommCtrlr", "MessageAttempts", None);
        assert_eq!(without_instance, None);
    }

    #[test]
    fn the_names_are_those_of_the_specification() {
        let names = |key| {
            let variable = Variable::of(key).unwrap();
            (variable.component, variable.name, variable.instance)
        };
        for (key, expected) in [
            (
                Key::AllowOfflineTxForUnknownId,
                ("AuthCtrlr", "OfflineTxForUnknownIdEnabled", None),
            ),
            (
                Key::ConnectionTimeOut,
                ("TxCtrlr", "EVConnectionTimeOut", None),
            ),
            (
                Key::MeterValueSampleInterval,
                ("SampledDataCtrlr", "TxUpdatedInterval", None),
            ),
            (
                Key::TransactionMessageRetryInterval,
                (
                    "OCPPCommCtrlr",
                    "MessageAttemptInterval",
                    Some("TransactionEvent"),
                ),
            ),
            (
                Key::StopTxnSampledData,
                ("SampledDataCtrlr", "TxEndedMeasurands", None),
            ),
        ] {
            assert_eq!(names(key), expected);
        }
    }
}
