//! What goes into a [`Station`](super::Station) and what comes out.

use crate::{
    dialect::Version,
    domain::{
        AuthorizationStatus, BootReason, ChargePointError, DataTransferStatus, Equipment, IdToken,
        Identity, Measurand, Measured, Phase, Reason, RegistrationStatus, ResetType, Status,
        TransactionId, TransferProtocol, UnlockStatus,
    },
    storage::{RecordId, StorageError},
    wire::{UnixMillis, frame::Dropped},
};

#[cfg(feature = "firmware-management")]
use super::FirmwareProgress;
#[cfg(feature = "security")]
use super::TechInfo;
use super::{CallFailure, Key, Setting};
#[cfg(feature = "smart-charging")]
use crate::domain::ChargingLimit;
#[cfg(feature = "security")]
use crate::domain::{
    CertificateHash, CertificateUse, CertificateVerdict, ProfileRaise, SecurityEvent,
};
#[cfg(feature = "firmware-management")]
use crate::domain::{FirmwareStatus, LogStatus, TransferFailure};

/// What the application fixes for a station.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// The version of OCPP that is spoken.
    pub version: Version,
    /// What BootNotification says.
    pub identity: Identity<'a>,
    /// Connectors, 1 to [`crate::limits::CONNECTORS`].
    pub connectors: u8,
    /// Vendors whose DataTransfer messages the application answers.
    pub vendors: &'a [&'a str],
    /// What the meters of the connectors measure: all that one of them does, at most
    /// [`crate::limits::READINGS`] of which the lists can ask for at once. The register that bills
    /// need not be in it. A list of measurands that names something else is Rejected (3.16.4).
    ///
    /// `None` when it is not known: then every list is accepted, until
    /// [`Station::declare_measurands`](super::Station::declare_measurands).
    pub measurands: Option<&'a [Measured]>,
    /// Settings of the application's own, at most
    /// [`crate::limits::APPLICATION_SETTINGS`]: told and changed as configuration keys behind the
    /// station's own (5.3, 5.8), and stored. [`Station::setting`](super::Station::setting) says their
    /// values.
    pub settings: &'a [Setting<'a>],
    /// Why the station boots, where the application knows better than the station itself: a watchdog,
    /// another firmware, an application that failed, or a restart of its own without [`Input::Reset`].
    /// `None` for a boot behind an [`Event::Reset`], which the station remembers, and where power
    /// came on. OCPP 2.0.1 tells it (B01).
    pub boot_reason: Option<BootReason>,
    /// Tells one image of the firmware from another, as a part of its hash does, also where both have
    /// the same version; 0 where that is not known.
    pub firmware_mark: u32,
    /// How the application can fetch and deliver files: what SupportedFileTransferProtocols says. With
    /// none, firmware cannot be updated from afar, and no log is uploaded.
    pub transfer_protocols: &'a [TransferProtocol],
    /// What the charge point is made of; OCPP 2.0.1 tells it in its device model.
    pub equipment: Equipment<'a>,
    /// A random number: reconnection jitter depends on it, and message ids where storage does not
    /// remember those of the boot before.
    pub seed: u32,
}

/// A value from the meter, in the unit that [`Measurand`] names for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What was measured.
    pub measurand: Measurand,
    /// On which phase; none for the whole.
    pub phase: Option<Phase>,
    /// The value: Wh, W, mA, mV, ...
    pub value: i32,
}

impl Reading {
    /// The register that bills, in Wh.
    pub const fn energy(wh: i32) -> Self {
        Self::of(Measurand::EnergyActiveImportRegister, wh)
    }

    /// What was measured, and where.
    pub const fn measured(&self) -> Measured {
        Measured {
            measurand: self.measurand,
            phase: self.phase,
        }
    }

    /// A value that is not of one phase.
    pub const fn of(measurand: Measurand, value: i32) -> Self {
        Self {
            measurand,
            phase: None,
            value,
        }
    }
}

/// Something that happened, told to the station.
///
/// Each says which [`Refused`](super::Refused) it may get, and why; one that says nothing of it is
/// never refused.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The websocket that [`Output::Connect`] asked for is open.
    Connected,
    /// The websocket is closed or could not be opened.
    Disconnected,
    /// A whole text message arrived (OCPP-J 1.6, 4.1).
    ///
    /// [`Busy`](super::Refused::Busy): the station was not polled until it waits.
    /// [`Offline`](super::Refused::Offline): [`Input::Connected`] was not told, or the station has
    /// given the connection up with [`Output::Disconnect`].
    Frame(&'a [u8]),
    /// A text message arrived that was too long for the receive buffer; this is its beginning.
    /// Refused as [`Input::Frame`] is.
    FrameTooLong(&'a [u8]),
    /// SNTP, a real-time clock or the like knows the time.
    Time(UnixMillis),
    /// A cable is plugged into the vehicle and into the connector (4.9).
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    Plugged(u8),
    /// It no longer is, on the vehicle's side (4.9, 9.1.23 StopTransactionOnEVSideDisconnect).
    /// Refused as [`Input::Plugged`] is.
    Unplugged(u8),
    /// An idTag was presented at a connector: starts what it may start, stops what it may stop
    /// (4.1, 4.8 and 4.10).
    ///
    /// [`BadLength`](super::Refused::BadLength): empty, or longer than 20 bytes with OCPP 1.6.
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    /// [`Busy`](super::Refused::Busy): an idTag is being authorized here.
    /// [`Occupied`](super::Refused::Occupied): the transaction here is ending, or another idTag was
    /// accepted here and waits for its cable.
    /// Where no transaction runs also
    /// [`OutOfService`](super::Refused::OutOfService): the connector, or what all share, is broken
    /// (4.9) or out of service (5.2), and
    /// [`Resetting`](super::Refused::Resetting): a reset is under way (5.14).
    Tag {
        /// Which connector.
        connector: u8,
        /// 1 to 20 bytes; up to 36 with OCPP 2.0.1, which tells its kind as well.
        id_tag: &'a IdToken,
    },
    /// Is this idTag good (4.1)? The answer is an [`Event::Authorization`] of connector 0.
    ///
    /// [`BadLength`](super::Refused::BadLength): empty, or longer than 20 bytes with OCPP 1.6.
    /// [`Busy`](super::Refused::Busy): the one before has not been answered.
    Authorize(&'a IdToken),
    /// The application starts a transaction itself, having authorized the idTag (4.8). Where it is
    /// the one that was accepted at that connector, it begins as that driver's: with the kind, and
    /// the remote start, that this one had.
    ///
    /// [`BadLength`](super::Refused::BadLength): empty, or longer than 20 bytes with OCPP 1.6.
    /// [`Resetting`](super::Refused::Resetting): a reset is under way (5.14).
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    /// [`OutOfService`](super::Refused::OutOfService): the connector, or what all share, is broken
    /// (4.9) or out of service (5.2).
    /// [`Occupied`](super::Refused::Occupied): a transaction runs here, another idTag was
    /// accepted or is being authorized here, or the connector is reserved for another one.
    /// [`Full`](super::Refused::Full): too many transaction messages wait for the central
    /// system.
    Start {
        /// Which connector.
        connector: u8,
        /// 1 to 20 bytes; up to 36 with OCPP 2.0.1, which tells its kind as well.
        id_tag: &'a IdToken,
    },
    /// The application ends a transaction itself (4.10). A [`Meter`](Self::Meter) of the same
    /// millisecond, told before this, is its last reading; without one the meter is asked, once
    /// the contactor is open.
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    /// [`NoTransaction`](super::Refused::NoTransaction): none runs here, or it is ending already.
    Stop {
        /// Which connector.
        connector: u8,
        /// Why.
        reason: Reason,
    },
    /// What the meter of a connector (0: of the whole charge point) says now (3.16). Values that
    /// are not in it stay as they were. The first register after a boot is the end of a transaction
    /// that a power loss cut off, unless it is below the stored one; see
    /// [`crate::limits::RECOVERY_METER_TIMEOUT_MS`].
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): above [`Profile::connectors`].
    /// [`Full`](super::Refused::Full): together with what the meter told before and a list
    /// still asks for, more than [`crate::limits::READINGS`] different ones.
    Meter {
        /// Which connector.
        connector: u8,
        /// At most [`crate::limits::READINGS`] different ones.
        readings: &'a [Reading],
    },
    /// The vehicle takes no energy, the charge point offers none, or neither (4.9).
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    /// [`NoTransaction`](super::Refused::NoTransaction): none runs here.
    Suspended {
        /// Which connector.
        connector: u8,
        /// Who suspends.
        by: Option<Suspension>,
    },
    /// Something is broken (4.9): connector 0 for what all share.
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): above [`Profile::connectors`].
    Fault {
        /// Which connector.
        connector: u8,
        /// What is broken; `NoError` is the same as [`Input::FaultCleared`].
        error: ChargePointError,
        /// More about it; the first 50 bytes are kept.
        info: &'a str,
        /// The vendor's own code for it, empty for none; the first 50 bytes are kept. It is
        /// sent with the vendor's name as vendorId.
        vendor_error_code: &'a str,
    },
    /// It is no longer broken. Refused as [`Input::Fault`] is.
    FaultCleared(u8),
    /// How the unlock ended that [`Event::Unlock`] asked for (5.18). Nothing happens where the
    /// central system does not wait for it.
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    /// [`Busy`](super::Refused::Busy): the central system waits for it, and the station was not
    /// polled until it waits.
    UnlockResult {
        /// Which connector.
        connector: u8,
        /// How it ended.
        status: UnlockStatus,
    },
    /// The answer to [`Event::DataTransferReceived`] (5.6).
    ///
    /// [`Unexpected`](super::Refused::Unexpected): no DataTransfer waits for one, or no longer.
    /// [`Busy`](super::Refused::Busy): the station was not polled until it waits.
    DataTransferAnswer {
        /// What became of it.
        status: DataTransferStatus,
        /// What the vendor's message says in return.
        payload: Option<&'a str>,
    },
    /// Send this DataTransfer now (4.3).
    ///
    /// [`BadLength`](super::Refused::BadLength): `vendor_id` or `message_id` is longer than
    /// 6.15 DataTransfer.req allows, or the message than the transmit buffer.
    /// [`Offline`](super::Refused::Offline): not connected, or not accepted by the central system.
    /// [`Busy`](super::Refused::Busy): a CALL of the station has not been answered yet (OCPP-J 1.6,
    /// 4.1.1), or the station was not polled until it waits.
    DataTransfer {
        /// Whose message, up to 255 characters.
        vendor_id: &'a str,
        /// Which message, up to 50 characters.
        message_id: Option<&'a str>,
        /// What it says.
        payload: Option<&'a str>,
    },
    /// Restart as soon as what runs has ended, as if the central system had asked (5.14):
    /// transactions end with reason `Reboot`, then comes an [`Event::Reset`].
    Reset(ResetType),
    /// The reset that [`Event::Reset`] asked for failed (9.1.22 ResetRetries).
    ///
    /// [`Unexpected`](super::Refused::Unexpected): no [`Event::Reset`] came since this was told last.
    ResetFailed,
    /// How the application gets on with an update of the firmware (5.19).
    ///
    /// [`Unexpected`](super::Refused::Unexpected): that is not what it was asked for last.
    #[cfg(feature = "firmware-management")]
    Firmware(FirmwareProgress),
    /// How the upload of the log ended that [`Event::UploadLog`] asked for (5.9). As often as the
    /// central system allows it, another one follows a failure.
    ///
    /// [`Unexpected`](super::Refused::Unexpected): none was asked for.
    #[cfg(feature = "firmware-management")]
    LogUpload(Result<(), TransferFailure>),
    /// What the application finds of the certificate that [`Event::VerifySigningCertificate`] is about.
    ///
    /// [`Unexpected`](super::Refused::Unexpected): no SignedUpdateFirmware waits for it, or no longer.
    /// [`Busy`](super::Refused::Busy): the station was not polled until it waits.
    #[cfg(feature = "security")]
    SigningCertificate(CertificateVerdict),
    /// What the application finds of the certificate that [`Event::CheckCertificate`] is about: what names
    /// it, or `None` where it is not good. That of the charge point is good where its chain is verified and
    /// it is of the key that was made for it.
    ///
    /// [`Unexpected`](super::Refused::Unexpected): none waits for it, or no longer.
    /// [`BadLength`](super::Refused::BadLength): no hexadecimal digits, or too many.
    /// [`Busy`](super::Refused::Busy): the station was not polled until it waits.
    #[cfg(feature = "security")]
    CertificateChecked(Option<CertificateHash<'a>>),
    /// Ask for a certificate of the charge point with this request, PEM of PKCS #10.
    ///
    /// [`BadLength`](super::Refused::BadLength): empty, above 5500 characters, or longer than the transmit buffer.
    /// [`Offline`](super::Refused::Offline), [`Busy`](super::Refused::Busy): as with [`Input::DataTransfer`].
    #[cfg(feature = "security")]
    SigningRequest(&'a str),
    /// Something happened that security depends on, which the station cannot see itself: certificates and
    /// credentials that were refused, tampering, a security log that was cleared.
    #[cfg(feature = "security")]
    SecurityEvent {
        /// What.
        event: SecurityEvent,
        /// More about it; the first [`TECH_INFO_LENGTH`](crate::domain::TECH_INFO_LENGTH) bytes are kept.
        tech_info: &'a str,
    },
    /// An operator puts a connector (0: all) into or out of service, as the central system does
    /// with ChangeAvailability (5.2): it lasts across boots, and waits for the end of a
    /// transaction.
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): above [`Profile::connectors`].
    /// [`Full`](super::Refused::Full): it cannot be stored.
    Availability {
        /// Which connector.
        connector: u8,
        /// Whether it is to be in service.
        operative: bool,
    },
    /// The idTag that was accepted at a connector, or is being looked at, is not to charge after
    /// all (4.9).
    ///
    /// [`UnknownConnector`](super::Refused::UnknownConnector): not one of 1 to
    /// [`Profile::connectors`].
    /// [`Unexpected`](super::Refused::Unexpected): there is no such idTag.
    CancelAuthorization(u8),
}

/// Who holds the energy back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// The vehicle.
    Ev,
    /// The charge point.
    Evse,
}

/// What the caller of [`Station::poll`](super::Station::poll) does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Output<'s> {
    /// Send this text message, or what was left of one.
    Send(&'s str),
    /// Send this as the first or next part of a text message that is longer than the transmit
    /// buffer: a fragment of RFC 6455, 5.4. The rest of it follows, at last as [`Output::Send`],
    /// and nothing else in between.
    SendPart(&'s str),
    /// Open a websocket; then tell [`Input::Connected`] or [`Input::Disconnected`].
    Connect {
        /// The subprotocol to offer, of which the central system's answer has to say that it was
        /// chosen (OCPP-J 1.6, 3.1.2).
        subprotocol: &'static str,
    },
    /// Close the websocket: several CALLs in succession had no answer, and nothing else arrived
    /// either. The station takes it for closed; [`Output::Connect`] follows when it is time.
    Disconnect,
    /// Something for the application.
    Event(Event),
    /// Nothing until that time (monotonic milliseconds; `u64::MAX` for never) or an [`Input`].
    Wait(u64),
}

/// What happened to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// It has begun; the central system does not know yet.
    Started,
    /// The central system has accepted it.
    Accepted,
    /// The central system has refused its idTag.
    Refused,
    /// It has ended; the central system does not know yet.
    Stopped,
    /// The central system knows that it has ended.
    Reported,
}

/// What happened to a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationState {
    /// It was made, or replaced the one with its number.
    Made,
    /// Its driver has begun to charge.
    Used,
    /// The central system has cancelled it.
    Cancelled,
    /// Its time is over.
    Expired,
    /// Its connector is broken or out of service.
    Ended,
}

/// Something the application may want to know or has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The central system answered a BootNotification.
    Registered(RegistrationStatus),
    /// A connector's status, as StatusNotification reports it.
    Status {
        /// Which connector; 0 for the whole charge point.
        connector: u8,
        /// Its status.
        status: Status,
        /// What is wrong with it.
        error: ChargePointError,
    },
    /// What became of an idTag: the connector it was presented at, or 0 for
    /// [`Input::Authorize`].
    Authorization {
        /// Which connector.
        connector: u8,
        /// Whose idTag.
        id_tag: IdToken,
        /// May it?
        status: AuthorizationStatus,
    },
    /// An idTag was presented that may not end the transaction that runs here, because another
    /// idTag began it: the central system has accepted it, or was not asked because the transaction
    /// has no parentIdTag that they could share. Nothing else follows from it.
    NotOwner {
        /// Which connector.
        connector: u8,
        /// Whose idTag.
        id_tag: IdToken,
    },
    /// The central system wants this idTag to charge here (5.11); it does once the cable is
    /// plugged, or with [`Input::Start`].
    RemoteStart {
        /// Which connector.
        connector: u8,
        /// Whose idTag.
        id_tag: IdToken,
    },
    /// A connector was reserved for a driver, or no longer is (5.1, 5.13).
    Reservation {
        /// Which connector; 0 for one of any of them.
        connector: u8,
        /// The central system's number for it.
        id: i32,
        /// For whom.
        id_tag: IdToken,
        /// What happened.
        state: ReservationState,
    },
    /// An idTag that may charge was presented at a connector that is reserved for another one. Nothing else
    /// follows from it.
    ReservedForOther {
        /// Which connector.
        connector: u8,
        /// Whose idTag.
        id_tag: IdToken,
    },
    /// A transaction began, ended, or was acknowledged.
    Transaction {
        /// Which connector.
        connector: u8,
        /// What happened.
        state: TransactionState,
        /// How it is called: with OCPP 1.6 once the central system has given it a number, with 2.0.1
        /// from its start on.
        transaction_id: Option<TransactionId>,
        /// Whose; nothing once that is no longer known.
        id_tag: Option<IdToken>,
        /// Why it ended.
        reason: Option<Reason>,
    },
    /// Energy may or may not flow from now on: close or open the contactor.
    Energy {
        /// Which connector.
        connector: u8,
        /// May it?
        allowed: bool,
    },
    /// What may be drawn is something else from now on (OCPP 1.6, 3.13), `None` for no limit. A
    /// vehicle has to be told at once. With less than 6 A a transaction pauses: an
    /// [`Event::Energy`] says so as well.
    #[cfg(feature = "smart-charging")]
    ChargingLimit {
        /// Which connector, with its part of what the whole charge point may draw; 0 for that whole.
        connector: u8,
        /// The limit.
        limit: Option<ChargingLimit>,
    },
    /// Tell [`Input::Meter`] now; without it the last known values are taken after
    /// [`crate::limits::METER_TIMEOUT_MS`].
    MeterWanted(u8),
    /// Unlock the cable, then tell [`Input::UnlockResult`].
    Unlock(u8),
    /// A configuration key has a new value.
    ConfigurationChanged(Key),
    /// How far a raise of the security profile is, to this one or back to it: a connection is made with it
    /// next (security whitepaper, A05). What it takes is in
    /// [`Station::credentials`](super::Station::credentials).
    #[cfg(feature = "security")]
    SecurityProfile {
        /// Which.
        profile: u8,
        /// How far it is.
        raise: ProfileRaise,
    },
    /// Look at a certificate: [`Station::proposed_certificate`](super::Station::proposed_certificate). Then
    /// tell [`Input::CertificateChecked`].
    #[cfg(feature = "security")]
    CheckCertificate(CertificateUse),
    /// A certificate for that was installed or deleted:
    /// [`Station::installed_certificate`](super::Station::installed_certificate) says which there are.
    #[cfg(feature = "security")]
    CertificatesChanged(CertificateUse),
    /// Make a key and a request for a certificate, then tell [`Input::SigningRequest`].
    #[cfg(feature = "security")]
    SigningRequestWanted,
    /// The central system has answered [`Input::SigningRequest`]: a CertificateSigned follows, or not.
    #[cfg(feature = "security")]
    SigningRequestAnswered(bool),
    /// Something for the security log: what the station has seen, and what it was told.
    #[cfg(feature = "security")]
    SecurityEvent {
        /// What.
        event: SecurityEvent,
        /// More about it; empty for nothing.
        info: TechInfo,
    },
    /// The setting of the application with that [number](Setting::number) was given a value, from
    /// afar or with [`Station::configure`](super::Station::configure):
    /// [`Station::setting`](super::Station::setting) says which.
    SettingChanged(u8),
    /// A DataTransfer of a known vendor arrived: read it with
    /// [`Station::received_data_transfer`](super::Station::received_data_transfer), then tell
    /// [`Input::DataTransferAnswer`].
    DataTransferReceived,
    /// The central system answered [`Input::DataTransfer`]; nothing for no answer. What it said
    /// is in [`Station::data_transfer_answer`](super::Station::data_transfer_answer).
    DataTransferAnswered(Option<DataTransferStatus>),
    /// Download an image: [`Station::firmware_download`](super::Station::firmware_download) says where
    /// from. Then tell [`Input::Firmware`], once the image is where [`Event::InstallFirmware`] will find
    /// it, also after a power loss.
    #[cfg(feature = "firmware-management")]
    DownloadFirmware,
    /// Verify the signature of the image that was downloaded last, with what
    /// [`Station::signing`](super::Station::signing) says, then tell [`Input::Firmware`].
    #[cfg(feature = "security")]
    VerifyFirmware,
    /// Look at the certificate by which a firmware is signed: that of
    /// [`Station::signing`](super::Station::signing). Then tell [`Input::SigningCertificate`].
    #[cfg(feature = "security")]
    VerifySigningCertificate,
    /// Install the image that was downloaded last, then tell [`Input::Firmware`]. No transaction runs, and
    /// none begins. After a power loss this may come once more.
    #[cfg(feature = "firmware-management")]
    InstallFirmware,
    /// What is being downloaded, or was, is not wanted any more.
    #[cfg(feature = "firmware-management")]
    CancelFirmware,
    /// How far an update of the firmware is, also where OCPP 1.6 has no word for it.
    #[cfg(feature = "firmware-management")]
    FirmwareStatus(FirmwareStatus),
    /// Upload the log: [`Station::log_upload`](super::Station::log_upload) says what of it, and where to.
    /// Then tell [`Input::LogUpload`].
    #[cfg(feature = "firmware-management")]
    UploadLog,
    /// The log that is being uploaded is not wanted any more.
    #[cfg(feature = "firmware-management")]
    CancelLog,
    /// How far the upload of a log is.
    #[cfg(feature = "firmware-management")]
    LogStatus(LogStatus),
    /// Restart now; what is stored has been stored.
    Reset(ResetType),
    /// The central system has replaced or changed the local authorization list (5.15), which has this
    /// version now.
    LocalList {
        /// As the central system counts them; 0 for an empty list (5.10).
        version: i32,
    },
    /// The central system told the time.
    Time(UnixMillis),
    /// A CALL of the station failed.
    CallFailed {
        /// Which.
        action: &'static str,
        /// How.
        failure: CallFailure,
    },
    /// A frame was dropped.
    FrameDropped(Dropped),
    /// A record could not be written or erased.
    StorageFailed(StorageError),
    /// A record of an earlier run is damaged or of a form this firmware does not know. The station
    /// goes on without it; with a charging profile that cannot be read any more, it keeps to the limit
    /// that was the last, and tries again.
    RecordSkipped(RecordId),
}
