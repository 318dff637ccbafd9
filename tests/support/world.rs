//! The world around the station: what is still to come, and what the application does on the
//! station's events.

use ocpp::{
    domain::UnlockStatus,
    station::{Event, Input, TransactionState},
    storage::RecordId,
};

use super::{bench::Bench, central_system::Reply, frames::Outgoing};

/// What happens when the station asks for its restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnReset {
    /// It is restarted.
    Restart,
    /// The restart fails.
    Fail,
    /// Nothing yet.
    Wait,
}

/// Something that will happen to the station.
#[derive(Clone, Debug)]
pub enum Coming {
    /// On the connection with that number.
    Frame(u32, Vec<u8>),
    Cut(u32),
    Opened,
    NotOpened,
    MeterRead(u8),
    LockMoved(u8, UnlockStatus),
    VendorAnswered,
    Restart,
    RestartFailed,
    PowerBack,
    #[cfg(feature = "firmware-management")]
    Firmware(u32, ocpp::station::FirmwareProgress),
    #[cfg(feature = "firmware-management")]
    Uploaded(u32, Result<(), ocpp::domain::TransferFailure>),
    #[cfg(feature = "security")]
    Verdict(ocpp::domain::CertificateVerdict),
}

/// A transaction that the application was told of.
#[derive(Clone, Debug)]
pub struct Begun {
    pub connector: u8,
    pub id_tag: String,
    /// The register of the meter, in Wh.
    pub register: i32,
    /// Virtual time in milliseconds.
    pub at: u64,
    /// The station knew what time it was.
    pub knew_time: bool,
    /// The application has not been told of its end.
    pub is_running: bool,
    /// The register of the meter at its end, or when power was lost.
    pub end: Option<i32>,
    /// Power was lost while it ran: the register that was stored, and that of the meter.
    pub cut_off: Option<(i32, i32)>,
}

/// The register in the stored record of a running transaction (docs/storage.md).
fn stored_register(record: &[u8]) -> Option<i32> {
    let (_, rest) = record.split_first_chunk::<4>()?;
    rest.first_chunk().copied().map(i32::from_le_bytes)
}

impl Bench {
    pub(super) fn sent(&mut self, text: &str) {
        assert!(self.connected, "sent without a connection: {text}");
        match self.wire.outgoing(text, self.now) {
            Outgoing::Answer { id, answer } => {
                let action = self.asked.remove(&id).unwrap_or_default();
                self.sent.push(format!("-> {action}"));
                self.answers.insert(id, answer);
            }
            Outgoing::Call(mut call) => {
                let utc = self.utc();
                let reply = self.central_system.reply(&call, &utc);
                call.is_processed = reply.is_of_success();
                self.sent.push(call.action.clone());
                self.reply(&call.id, reply, self.now);
                self.unread.push_back(call);
            }
        }
    }

    fn reply(&mut self, id: &str, reply: Reply, at: u64) {
        let frame = match reply {
            Reply::Result(payload) => serde_json::json!([3, id, payload]).to_string(),
            Reply::Error(code) => serde_json::json!([4, id, code, "", {}]).to_string(),
            Reply::Raw(text) => text.replace("{id}", id),
            Reply::After(ms, reply) => return self.reply(id, *reply, at + ms),
            Reply::Cut => {
                self.coming.push((at, Coming::Cut(self.connection)));
                return;
            }
            Reply::Never => return,
        };
        let frame = Coming::Frame(self.connection, frame.into_bytes());
        self.coming.push((at, frame));
    }

    pub(super) fn close(&mut self) {
        self.connected = false;
        self.connection += 1;
        self.wire.closed();
        let _ = self.tell(Input::Disconnected);
    }

    pub(super) fn happen(&mut self, coming: Coming) {
        match coming {
            Coming::Frame(connection, frame) => {
                if connection == self.connection && self.connected {
                    self.wire.incoming(&frame);
                    let _ = self.tell(Input::Frame(&frame));
                }
            }
            Coming::Cut(connection) => {
                if connection == self.connection && self.connected {
                    self.close();
                }
            }
            Coming::Opened => {
                self.connected = true;
                let _ = self.tell(Input::Connected);
            }
            Coming::NotOpened => {
                let _ = self.tell(Input::Disconnected);
            }
            Coming::MeterRead(connector) => {
                let readings = self.meters[usize::from(connector)].readings();
                self.told(Input::Meter {
                    connector,
                    readings: &readings,
                });
            }
            Coming::LockMoved(connector, status) => {
                self.told(Input::UnlockResult { connector, status });
            }
            Coming::VendorAnswered => {
                if let Some((status, payload)) = self.vendor_answer {
                    self.told(Input::DataTransferAnswer { status, payload });
                }
            }
            Coming::Restart => self.power_loss(),
            Coming::RestartFailed => self.told(Input::ResetFailed),
            Coming::PowerBack => self.power_on(),
            #[cfg(feature = "firmware-management")]
            Coming::Firmware(number, progress) => {
                if self.files.is_of_now(number) {
                    if progress == ocpp::station::FirmwareProgress::RestartNeeded {
                        self.put_image_in_place();
                    }
                    self.told(Input::Firmware(progress));
                }
            }
            #[cfg(feature = "security")]
            Coming::Verdict(verdict) => {
                // The central system may have gone meanwhile.
                let _ = self.tell(Input::SigningCertificate(verdict));
            }
            #[cfg(feature = "firmware-management")]
            Coming::Uploaded(number, outcome) => {
                if self.files.is_upload_of_now(number) {
                    self.told(Input::LogUpload(outcome));
                }
            }
        }
    }

    /// Notes what the medium knows of the transactions that a power loss has cut off.
    pub(super) fn note_cut_off(&mut self) {
        let records = self.disk.snapshot();
        for begun in self.begun.iter_mut().filter(|begun| begun.is_running) {
            begun.is_running = false;
            let id = RecordId(0x0300 + u16::from(begun.connector));
            let stored = records.get(&id).and_then(|record| stored_register(record));
            let register = self.meters[usize::from(begun.connector)].register();
            begun.end = Some(register);
            begun.cut_off = stored.map(|stored| (stored, register));
        }
    }

    pub(super) fn told(&mut self, input: Input<'_>) {
        let text = format!("{input:?}");
        let told = self.tell(input);
        assert_eq!(told, Ok(()), "refused although asked for: {text}");
    }

    /// Does what the application does when the station tells it something.
    pub(super) fn react(&mut self, event: &Event) {
        #[cfg(feature = "firmware-management")]
        self.transfer_files(event);
        let coming = match *event {
            Event::Status {
                connector, status, ..
            } => {
                self.statuses.insert(connector, status);
                None
            }
            Event::Energy { connector, allowed } => {
                self.meters[usize::from(connector)].flowing = allowed;
                None
            }
            Event::Transaction {
                connector,
                state: TransactionState::Started,
                ref id_tag,
                ..
            } => {
                self.begun.push(Begun {
                    connector,
                    id_tag: id_tag.as_deref().unwrap_or("").to_owned(),
                    register: self.register(connector),
                    at: self.now,
                    knew_time: self.station.utc().is_some(),
                    is_running: true,
                    end: None,
                    cut_off: None,
                });
                None
            }
            Event::Transaction {
                connector,
                state: TransactionState::Stopped,
                ..
            } => {
                let register = self.register(connector);
                let own = self.begun.iter_mut().filter(|b| b.connector == connector);
                for begun in own.filter(|begun| begun.is_running) {
                    begun.is_running = false;
                    begun.end = Some(register);
                }
                None
            }
            Event::MeterWanted(connector) => {
                let answers = self.meters[usize::from(connector)].answers;
                answers.then_some(Coming::MeterRead(connector))
            }
            Event::Unlock(connector) => {
                self.lock.map(|status| Coming::LockMoved(connector, status))
            }
            Event::DataTransferReceived => self.vendor_answer.map(|_| Coming::VendorAnswered),
            Event::Reset(kind) => {
                self.resets.push(kind);
                match self.on_reset {
                    OnReset::Restart => Some(Coming::Restart),
                    OnReset::Fail => Some(Coming::RestartFailed),
                    OnReset::Wait => None,
                }
            }
            _ => None,
        };
        self.coming.extend(coming.map(|coming| (self.now, coming)));
    }
}
