//! What the station says: told to the user, and done.

use ocpp::{
    domain::DataTransferStatus,
    station::{CallFailure, Event, Input, Key, Suspension, TransactionState},
    storage::RecordId,
};

use super::powered::{End, Powered};
use crate::{connector::Fault, own_setting::text_of, report::Happening, station_json};

/// The message of our own vendor that is answered with what it says.
const ECHO: &str = "Echo";

impl Powered<'_> {
    /// Tells the user.
    pub(super) fn report_event(&mut self, event: &Event) {
        let happening = match event.clone() {
            Event::Registered(status) => {
                self.registered = Some(status);
                Happening::Registered(status)
            }
            Event::Status {
                connector,
                status,
                error,
            } => {
                self.statuses.insert(connector, (status, error));
                Happening::Status {
                    connector,
                    status: Some(status),
                    error,
                    reservation: None,
                    condition: None,
                }
            }
            Event::Authorization {
                connector,
                id_tag,
                status,
            } => Happening::Authorization {
                connector,
                id_tag,
                status,
            },
            Event::NotOwner { connector, id_tag } => Happening::NotOwner { connector, id_tag },
            Event::Reservation {
                connector,
                id,
                id_tag,
                state,
            } => Happening::Reservation {
                connector,
                id,
                id_tag,
                state,
            },
            Event::ReservedForOther { connector, id_tag } => {
                Happening::ReservedForOther { connector, id_tag }
            }
            Event::RemoteStart { connector, id_tag } => {
                Happening::RemoteStart { connector, id_tag }
            }
            Event::Transaction {
                connector,
                state,
                transaction_id,
                id_tag,
                reason,
            } => Happening::Transaction {
                connector,
                state,
                transaction_id,
                id_tag,
                reason,
            },
            Event::Energy { connector, allowed } => {
                let limit = self.station.charging_limit(connector).filter(|_| allowed);
                Happening::Limit {
                    connector,
                    watts: match allowed {
                        true => limit.map(|limit| limit.watts),
                        false => Some(0),
                    },
                    limit,
                }
            }
            Event::ChargingLimit { connector, limit } => Happening::Limit {
                connector,
                watts: limit.map(|limit| limit.watts),
                limit,
            },
            Event::ConfigurationChanged(key) => Happening::Configuration {
                key: key.name().to_owned(),
                value: self.changed_value(key),
            },
            Event::SecurityEvent { event, info } => Happening::SecurityEvent { event, info },
            Event::SecurityProfile { profile, raise } => {
                Happening::SecurityProfile { profile, raise }
            }
            Event::SettingChanged(number) => Happening::Configuration {
                key: self.own_name(number),
                value: self
                    .station
                    .setting(number)
                    .map_or_else(String::new, text_of),
            },
            Event::LocalList { version } => Happening::LocalList {
                version,
                entries: self.station.local_list().entries,
            },
            Event::DataTransferAnswered(status) => Happening::DataTransfer(status),
            Event::Reset(kind) => Happening::Reset(kind),
            Event::CallFailed { action, failure } => {
                Happening::error(format!("{action} failed: {}", in_words(failure)))
            }
            Event::FrameDropped(why) => Happening::error(format!("a frame was dropped: {why:?}")),
            Event::StorageFailed(error) => {
                Happening::error(format!("a record could not be stored: {error:?}"))
            }
            Event::RecordSkipped(RecordId(id)) => Happening::error(format!(
                "record {id:04x} is damaged or unknown and was skipped"
            )),
            Event::FirmwareStatus(status) => Happening::Firmware(status),
            Event::LogStatus(status) => Happening::Diagnostics(status),
            Event::Time(utc) => return self.report.set_time(utc),
            Event::DownloadFirmware
            | Event::InstallFirmware
            | Event::CancelFirmware
            | Event::VerifyFirmware
            | Event::VerifySigningCertificate
            | Event::CheckCertificate(_)
            | Event::CertificatesChanged(_)
            | Event::SigningRequestWanted
            | Event::SigningRequestAnswered(_)
            | Event::UploadLog
            | Event::CancelLog
            | Event::MeterWanted(_)
            | Event::Unlock(_)
            | Event::DataTransferReceived => return,
        };
        self.report.tell(happening);
    }

    /// Does what an event asks for.
    pub(super) fn react(&mut self, event: Event) {
        if self.react_to_file(&event) || self.react_to_security(&event) {
            return;
        }
        match event {
            Event::MeterWanted(number) => self.read_meter(number),
            Event::Unlock(number) => self.unlock(number),
            Event::DataTransferReceived => self.answer_data_transfer(),
            Event::Transaction {
                connector,
                state: TransactionState::Started,
                ..
            } => self.tell_suspension(connector),
            Event::ConfigurationChanged(Key::WebSocketPingInterval) => {
                self.ping_interval_changed();
            }
            Event::Reset(_) => self.end = Some(End::Restart(None)),
            _ => {}
        }
    }

    fn unlock(&mut self, number: u8) {
        let Some(status) = self.hardware.connector(number).map(|c| c.lock) else {
            return;
        };
        self.report.tell(Happening::Unlock {
            connector: number,
            status,
        });
        // No UnlockConnector waits for the result of this unlock.
        let _ = self.ask(Input::UnlockResult {
            connector: number,
            status,
        });
    }

    fn answer_data_transfer(&mut self) {
        let Some(received) = self.station.received_data_transfer() else {
            return;
        };
        let echo = received.message_id == Some(ECHO);
        let payload = received.payload.map(str::to_owned);
        let (status, payload) = if echo {
            (DataTransferStatus::Accepted, payload)
        } else {
            (DataTransferStatus::UnknownMessageId, None)
        };
        self.tell(Input::DataTransferAnswer {
            status,
            payload: payload.as_deref(),
        });
    }

    pub(super) fn tell_fault(&mut self, number: u8, fault: &Fault) {
        self.tell(Input::Fault {
            connector: number,
            error: fault.error,
            info: &fault.info,
            vendor_error_code: "",
        });
    }

    /// Tells who holds the energy of a running transaction back. Before and after one the
    /// station does not want to know.
    pub(super) fn tell_suspension(&mut self, number: u8) {
        let Some(by) = self.hardware.connector(number).map(|c| c.suspended) else {
            return;
        };
        if self.station.transaction(number).is_some() {
            self.tell(Input::Suspended {
                connector: number,
                by,
            });
        }
    }

    /// A vehicle whose battery is full takes nothing more.
    pub(super) fn suspend_full_vehicles(&mut self) {
        for number in self.hardware.numbers() {
            let Some(connector) = self.hardware.connector_mut(number) else {
                continue;
            };
            if connector.energized && connector.suspended.is_none() && connector.is_full() {
                connector.suspended = Some(Suspension::Ev);
                self.tell_suspension(number);
            }
        }
    }

    pub(super) fn changed_value(&self, key: Key) -> String {
        station_json::key_value(&self.station, key)
    }

    fn own_name(&self, number: u8) -> String {
        let own = self.settings.own.get(usize::from(number));
        own.map_or_else(String::new, |own| own.name().to_owned())
    }
}

fn in_words(failure: CallFailure) -> &'static str {
    match failure {
        CallFailure::Timeout => "no answer",
        CallFailure::Error(code) => code.as_str(),
        CallFailure::BadAnswer => "the answer cannot be read",
        CallFailure::AnswerTooLong => "the answer is too long",
        CallFailure::GivenUp => "given up, what it said is lost",
    }
}
