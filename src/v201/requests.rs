//! Requests of the CSMS: found by their action, read by their table.

use super::{
    facts::{self, Place},
    names, variables,
};
use crate::{
    dialect::{
        DataTransfer, FactVariable, Found, Level, RemoteStart, Report, ReportBase, Request,
        Trigger, Variable, Variables,
    },
    domain::{AvailabilityType, TokenKind, TransactionId},
    limits::APPLICATION_SETTINGS,
    station::SettingId,
    wire::{
        ErrorCode, Json, Kind, Payload, Text,
        field::Violation,
        message::{Message, answer, messages, request as read},
    },
};

/// Actions of OCPP 2.0.1 that this station does not carry out: those of functional blocks it does
/// not have, and those that only a CSMS carries out.
const NOT_SUPPORTED: [&str; 51] = [
    "Authorize",
    "BootNotification",
    "CancelReservation",
    "CertificateSigned",
    "ClearChargingProfile",
    "ClearDisplayMessage",
    "ClearVariableMonitoring",
    "ClearedChargingLimit",
    "CostUpdated",
    "CustomerInformation",
    "DeleteCertificate",
    "FirmwareStatusNotification",
    "Get15118EVCertificate",
    "GetCertificateStatus",
    "GetChargingProfiles",
    "GetCompositeSchedule",
    "GetDisplayMessages",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "GetLog",
    "GetMonitoringReport",
    "GetReport",
    "GetTransactionStatus",
    "Heartbeat",
    "InstallCertificate",
    "LogStatusNotification",
    "MeterValues",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmware",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "ReserveNow",
    "SecurityEventNotification",
    "SendLocalList",
    "SetChargingProfile",
    "SetDisplayMessage",
    "SetMonitoringBase",
    "SetMonitoringLevel",
    "SetNetworkProfile",
    "SetVariableMonitoring",
    "SignCertificate",
    "UnpublishFirmware",
    "UpdateFirmware",
];

messages! {
    /// ChangeAvailabilityRequest
    ChangeAvailability<'a> {
        /// The whole station where absent.
        evse: Option<Evse<'a>> = "evse" EVSE,
        /// In or out of service.
        kind: AvailabilityType = "operationalStatus" Kind::Choice(names::OPERATIONAL_STATUS),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// ClearCacheRequest
    ClearCache<'a> {
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// DataTransferRequest
    Transferred<'a> {
        /// Which message.
        message_id: Option<Text<'a>> = "messageId" Kind::Text(50),
        /// What it says.
        data: Option<Json<'a>> = "data" Kind::Any,
        /// Whose message.
        vendor_id: Text<'a> = "vendorId" Kind::Text(255),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// GetBaseReportRequest
    GetBaseReport<'a> {
        /// What all parts of the report repeat.
        request_id: i32 = "requestId" Kind::Integer,
        /// `ReportBaseEnumType`
        base: Text<'a> = "reportBase" Kind::Text(50),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// GetVariablesRequest
    GetVariables<'a> {
        /// Each a [`GetVariableData`].
        list: Json<'a> = "getVariableData" Kind::Objects(<GetVariableData<'a> as Message<'a>>::FIELDS),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `GetVariableDataType`
    GetVariableData<'a> {

/// `AttributeEnumType`
        attribute: Option<Text<'a>> = "attributeType" Kind::Text(20),
        /// A [`Component`].
        component: Json<'a> = "component" Kind::Any,
        /// A [`Named`].
        variable: Json<'a> = "variable" Kind::Any,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// SetVariablesRequest
    SetVariables<'a> {
        /// Each a [`SetVariableData`].
        list: Json<'a> = "setVariableData" Kind::Objects(<SetVariableData<'a> as Message<'a>>::FIELDS),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `SetVariableDataType`
    SetVariableData<'a> {
        /// `AttributeEnumType`
        attribute: Option<Text<'a>> = "attributeType" Kind::Text(20),
        /// What it is set to.
        value: Text<'a> = "attributeValue" Kind::Text(1000),
        /// A [`Component`].
        component: Json<'a> = "component" Kind::Any,
        /// A [`Named`].
        variable: Json<'a> = "variable" Kind::Any,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `ComponentType`
    Component<'a> {
        /// The name.
        name: Text<'a> = "name" Kind::Text(50),
        /// Which of several.
        instance: Option<Text<'a>> = "instance" Kind::Text(50),
        /// Where it is.
        evse: Option<Json<'a>> = "evse" Kind::Any,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `VariableType`
    Named<'a> {
        /// The name.
        name: Text<'a> = "name" Kind::Text(50),
        /// Which of several.
        instance: Option<Text<'a>> = "instance" Kind::Text(50),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// RequestStartTransactionRequest
    RequestStart<'a> {
        /// The station chooses where absent.
        evse: Option<i32> = "evseId" Kind::Integer,
        /// Of which the group is.
        group: Option<Json<'a>> = "groupIdToken" Kind::Any,
        /// Who charges.
        token: Token<'a> = "idToken" Kind::Nested(<Token<'static> as Message<'static>>::FIELDS),
        /// For the transaction to tell.
        id: i32 = "remoteStartId" Kind::Integer,
        /// Limits for the transaction.
        profile: Option<Json<'a>> = "chargingProfile" Kind::Any,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// RequestStopTransactionRequest
    RequestStop<'a> {
        /// Which transaction.
        transaction_id: Text<'a> = "transactionId" Kind::Text(36),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// ResetRequest
    Reset<'a> {
        /// How: `ResetEnumType`.
        kind: Text<'a> = "type" Kind::Text(20),
        /// The whole station where absent.
        evse: Option<i32> = "evseId" Kind::Integer,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// TriggerMessageRequest
    TriggerMessage<'a> {
        /// Of which; all where absent.
        evse: Option<Evse<'a>> = "evse" EVSE,
        /// What to send: `MessageTriggerEnumType`.
        message: Text<'a> = "requestedMessage" Kind::Text(usize::MAX),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// UnlockConnectorRequest
    UnlockConnector<'a> {
        /// Which EVSE.
        evse: i32 = "evseId" Kind::Integer,
        /// Which of its connectors.
        connector: i32 = "connectorId" Kind::Integer,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `EVSEType`
    Evse<'a> {
        /// From 1 on.
        id: i32 = "id" Kind::Integer,
        /// All of its connectors where absent.
        connector: Option<i32> = "connectorId" Kind::Integer,
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `IdTokenType`
    Token<'a> {
        /// What else is known of it.
        additional: Option<Json<'a>> = "additionalInfo" Kind::Any,
        /// The text.
        text: Text<'a> = "idToken" Kind::Text(36),
        /// `IdTokenEnumType`
        kind: TokenKind = "type" Kind::Choice(TokenKind::NAMES),
        /// Of the vendor.
        custom_data: Option<Json<'a>> = "customData" Kind::Any,
    }

    /// `ChargingProfileType`, as far as a station without Smart Charging asks.
    Profile<'a> {
        /// What it is for.
        purpose: Text<'a> = "chargingProfilePurpose" Kind::Text(usize::MAX),
    }
}

const EVSE: Kind = Kind::Nested(<Evse<'static> as Message<'static>>::FIELDS);

/// What stands for a connector that this station cannot have.
const NO_CONNECTOR: i32 = -1;

/// The connector of an EVSE, each of which has one: its number is that of the EVSE.
fn connector(evse: i32, connector: Option<i32>) -> i32 {
    match connector {
        None | Some(1) if evse > 0 => evse,
        _ => NO_CONNECTOR,
    }
}

fn of_evse(evse: Evse<'_>) -> i32 {
    connector(evse.id, evse.connector)
}

/// The value with that name.
fn choose<T: Copy>(
    name: Text<'_>,
    field: &'static str,
    table: &[(&str, T)],
) -> Result<T, Violation> {
    let place = name.place_in(table.iter().map(|(name, _)| *name));
    let chosen = place.and_then(|place| table.get(place));
    chosen.map(|(_, value)| *value).ok_or(Violation {
        code: ErrorCode::PropertyConstraintViolation,
        field,
    })
}

/// The request with that action.
pub(crate) fn request<'a>(action: &str, payload: Payload<'a>) -> Result<Request<'a>, Violation> {
    Ok(match action {
        "ChangeAvailability" => {
            let asked: ChangeAvailability<'_> = read(payload)?;
            Request::ChangeAvailability {
                connector: asked.evse.map_or(0, of_evse),
                level: match asked.evse {
                    Some(Evse {
                        connector: Some(_), ..
                    }) => Level::Connector,
                    _ => Level::Evse,
                },
                kind: asked.kind,
            }
        }
        "ClearCache" => {
            let _: ClearCache<'_> = read(payload)?;
            Request::ClearCache
        }
        "DataTransfer" => {
            let asked: Transferred<'_> = read(payload)?;
            let payload = asked.data.map(Json::text);
            Request::DataTransfer(DataTransfer {
                vendor_id: asked.vendor_id,
                message_id: asked.message_id,
                payload: payload.flatten(),
                has_other_payload: payload == Some(None),
            })
        }
        "GetBaseReport" => {
            let asked: GetBaseReport<'_> = read(payload)?;
            let base = REPORT_BASES.iter().find(|(name, _)| asked.base.is(name));
            match base {
                Some((_, base)) => Request::Report(Report {
                    request_id: asked.request_id,
                    base: *base,
                }),
                None => {
                    return Err(Violation {
                        code: ErrorCode::PropertyConstraintViolation,
                        field: "reportBase",
                    });
                }
            }
        }
        "GetVariables" => {
            let asked: GetVariables<'_> = read(payload)?;
            Request::GetVariables(Variables {
                list: not_empty(asked.list, "getVariableData")?,
                read: asked_for,
            })
        }
        "SetVariables" => {
            let asked: SetVariables<'_> = read(payload)?;
            Request::SetVariables(Variables {
                list: not_empty(asked.list, "setVariableData")?,
                read: to_be_set,
            })
        }
        "RequestStartTransaction" => Request::RemoteStart(remote_start(read(payload)?)),
        "RequestStopTransaction" => {
            let asked: RequestStop<'_> = read(payload)?;
            let text = asked.transaction_id.to_string::<36>();
            Request::RemoteStop {
                transaction_id: text.and_then(|text| TransactionId::from_own(&text)),
            }
        }
        "Reset" => {
            let asked: Reset<'_> = read(payload)?;
            let kind = choose(asked.kind, "type", names::RESET_TYPE)?;
            match asked.evse {
                None => Request::Reset(kind),
                // No EVSE can be reset by itself (B11.FR.09).
                Some(_) => Request::Refused("Rejected"),
            }
        }
        "TriggerMessage" => {
            let asked: TriggerMessage<'_> = read(payload)?;
            Request::Trigger(Trigger {
                #[cfg(feature = "security")]
                is_extended: false,
                message: choose(asked.message, "", names::MESSAGE_TRIGGER).ok(),
                connector: asked.evse.map(of_evse),
            })
        }
        "UnlockConnector" => {
            let asked: UnlockConnector<'_> = read(payload)?;
            Request::Unlock {
                connector: connector(asked.evse, Some(asked.connector)),
            }
        }
        other => {
            let code = match NOT_SUPPORTED.contains(&other) {
                true => ErrorCode::NotSupported,
                false => ErrorCode::NotImplemented,
            };
            return Err(Violation { code, field: "" });
        }
    })
}

/// No list of OCPP 2.0.1 may be empty.
fn not_empty<'a>(list: Json<'a>, field: &'static str) -> Result<Json<'a>, Violation> {
    match list.elements().next() {
        Some(_) => Ok(list),
        None => Err(Violation {
            code: ErrorCode::OccurenceConstraintViolation,
            field,
        }),
    }
}

fn asked_for(element: Json<'_>) -> Result<Variable<'_>, Violation> {
    let asked: GetVariableData<'_> = read(element)?;
    let named = (asked.component, asked.variable);
    let found = variable(named, asked.attribute)?;
    Ok(Variable::new(named, asked.attribute, None, found))
}

fn to_be_set(element: Json<'_>) -> Result<Variable<'_>, Violation> {
    let asked: SetVariableData<'_> = read(element)?;
    let named = (asked.component, asked.variable);
    let found = variable(named, asked.attribute)?;
    let value = Some(asked.value);
    Ok(Variable::new(named, asked.attribute, value, found))
}

/// `AttributeEnumType`
const ATTRIBUTES: [&str; 4] = ["Actual", "Target", "MinSet", "MaxSet"];

/// `ReportBaseEnumType`
const REPORT_BASES: [(&str, ReportBase); 3] = [
    ("ConfigurationInventory", ReportBase::Settable),
    ("FullInventory", ReportBase::All),
    ("SummaryInventory", ReportBase::Summary),
];

/// What a variable stands for, or why there is none (B05.FR.12, B06.FR.06 to 09).
fn variable<'a>(
    (component, variable): (Json<'a>, Json<'a>),
    attribute: Option<Text<'_>>,
) -> Result<Result<Found<'a>, &'static str>, Violation> {
    if attribute.is_some_and(|it| it.place_in(ATTRIBUTES.into_iter()).is_none()) {
        return Err(Violation {
            code: ErrorCode::PropertyConstraintViolation,
            field: "attributeType",
        });
    }
    let component: Component<'_> = read(component)?;
    let variable: Named<'a> = read(variable)?;
    let place = match component.evse {
        None => Some((Place::Station, 0)),
        Some(evse) => {
            let evse: Evse<'_> = read(evse)?;
            let place = match evse.connector {
                None => Place::Evse,
                Some(_) => Place::Connector,
            };
            // Whether the station has it, it says itself.
            let number = u8::try_from(of_evse(evse)).ok();
            number.map(|number| (place, number))
        }
    };
    let text = |text: Text<'_>| text.to_string::<50>().unwrap_or_default();
    let (name, of) = (text(variable.name), text(component.name));
    let instance = variable.instance.map(text);
    let known = place.filter(|&(place, _)| is_component(&of, place));
    let Some((place, number)) = known.filter(|_| component.instance.is_none()) else {
        return Ok(Err("UnknownComponent"));
    };
    let setting = variables::Variable::setting(&of, &name, instance.as_deref());
    let setting = setting.filter(|_| place == Place::Station);
    let found = match setting.and_then(|key| Some((key, variables::Variable::of(key)?))) {
        Some((key, variable)) => Some(Found::Setting {
            id: SettingId::Key(key),
            is_read_only: variable.is_read_only,
        }),
        None => {
            let row = facts::find((&of, &name, instance.as_deref()), place);
            let fact = row.map(|row| Found::Fact(FactVariable::new(row, number)));
            let can_be_own = is_application(&of, place) && instance.is_none();
            fact.or(can_be_own.then_some(Found::Named(variable.name)))
        }
    };
    let Some(found) = found else {
        return Ok(Err("UnknownVariable"));
    };
    match attribute {
        Some(attribute) if !attribute.is("Actual") => Ok(Err("NotSupportedAttributeType")),
        _ => Ok(Ok(found)),
    }
}

fn is_component(name: &str, place: Place) -> bool {
    let mut rows = variables::VARIABLES.iter();
    let is_it = |variable: &variables::Variable| variable.component.eq_ignore_ascii_case(name);
    let has_settings = place == Place::Station && rows.any(|(_, variable)| is_it(variable));
    has_settings || facts::is_component(name, place) || is_application(name, place)
}

/// True for the component of the application's own settings.
fn is_application(name: &str, place: Place) -> bool {
    APPLICATION_SETTINGS > 0
        && place == Place::Station
        && name.eq_ignore_ascii_case(variables::APPLICATION)
}

fn remote_start(asked: RequestStart<'_>) -> RemoteStart<'_> {
    let purpose = |profile: Json<'_>| {
        let profile: Result<Profile<'_>, _> = answer(profile.into());
        profile.is_ok_and(|profile| profile.purpose.is("TxProfile"))
    };
    RemoteStart {
        connector: asked.evse,
        token: asked.token.text,
        kind: asked.token.kind,
        id: asked.id,
        has_other_profile: asked.profile.is_some_and(|profile| !purpose(profile)),
        // Not carried out yet.
        #[cfg(feature = "smart-charging")]
        profile: None,
    }
}
