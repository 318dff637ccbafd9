//! What `ocpp_init` was told, copied: the caller's structures need not live on.

use core::ffi::{c_char, c_void};

use heapless::String;
use ocpp::{limits::CONNECTORS, station::Profile, v16::core::Identity};

use crate::{
    api::types::{ocpp_cp_info, ocpp_cs_info, ocpp_user_notify_callback_t},
    errno::Error,
    kernel::{self, Shelf},
    limits::{HOST_LENGTH, PATH_LENGTH},
    text::{self, CText},
    transfer::VENDORS,
};

/// Written by `ocpp_init`, before there is a thread that reads it.
pub static SETTINGS: Shelf<Settings> = Shelf::new(Settings::new());

/// Room for the zero at the end of the longest texts.
const HOST: usize = HOST_LENGTH + 1;
const PATH: usize = PATH_LENGTH + 2;

/// Everything that does not change while the charge point runs.
pub struct Settings {
    /// Address or name of the central system.
    pub host: CText<HOST>,
    /// Path of the websocket.
    pub path: CText<PATH>,
    /// Its last segment: who this charge point is.
    pub identity: CText<PATH>,
    /// TCP port.
    pub port: u16,
    /// Address family, as the network stack counts.
    pub family: u16,
    /// Connectors.
    pub connectors: u8,
    /// What the application is called back with.
    pub callback: ocpp_user_notify_callback_t,
    /// What it is given.
    pub user_data: *mut c_void,
    model: String<20>,
    vendor: String<20>,
    serial_number: Option<String<25>>,
    box_serial_number: Option<String<25>>,
    firmware_version: Option<String<50>>,
    iccid: Option<String<20>>,
    imsi: Option<String<20>>,
    meter_serial_number: Option<String<25>>,
    meter_type: Option<String<25>>,
}

impl Settings {
    const fn new() -> Self {
        Self {
            host: CText::new(),
            path: CText::new(),
            identity: CText::new(),
            port: 0,
            family: 0,
            connectors: 0,
            callback: None,
            user_data: core::ptr::null_mut(),
            model: String::new(),
            vendor: String::new(),
            serial_number: None,
            box_serial_number: None,
            firmware_version: None,
            iccid: None,
            imsi: None,
            meter_serial_number: None,
            meter_type: None,
        }
    }

    /// Copies what the application said, one text after the other: the stack is that of the
    /// caller of `ocpp_init`.
    ///
    /// # Safety
    ///
    /// The texts in both structures are null or C strings.
    pub unsafe fn set(
        &mut self,
        charge_point: &ocpp_cp_info,
        server: &ocpp_cs_info,
        callback: ocpp_user_notify_callback_t,
        user_data: *mut c_void,
    ) -> Result<(), Error> {
        self.connectors = u8::try_from(charge_point.num_of_con).map_err(|_| Error::Invalid)?;
        self.port = u16::try_from(server.port).map_err(|_| Error::Invalid)?;
        self.family = server.sa_family;
        self.callback = callback;
        self.user_data = user_data;
        if callback.is_none() || !(1..=CONNECTORS).contains(&usize::from(self.connectors)) {
            return Err(Error::Invalid);
        }
        // SAFETY: the caller promises C strings.
        unsafe {
            self.set_server(server)?;
            self.model = required(charge_point.model)?;
            self.vendor = required(charge_point.vendor)?;
            self.serial_number = text::optional(charge_point.sl_no)?;
            self.box_serial_number = text::optional(charge_point.box_sl_no)?;
            self.firmware_version = text::optional(charge_point.fw_ver)?;
            self.iccid = text::optional(charge_point.iccid)?;
            self.imsi = text::optional(charge_point.imsi)?;
            self.meter_serial_number = text::optional(charge_point.meter_sl_no)?;
            self.meter_type = text::optional(charge_point.meter_type)?;
        }
        Ok(())
    }

    /// # Safety
    ///
    /// As [`Self::set`].
    #[inline(never)]
    unsafe fn set_server(&mut self, server: &ocpp_cs_info) -> Result<(), Error> {
        // SAFETY: the caller promises C strings.
        let host: String<HOST_LENGTH> = unsafe { required(server.cs_ip) }?;
        self.host = CText::new();
        self.host.push(&host);
        // SAFETY: as above.
        let path: String<PATH_LENGTH> = unsafe { text::copied(server.ws_url) }?;
        self.path = CText::new();
        self.path.push(if path.starts_with('/') { "" } else { "/" });
        self.path.push(&path);
        let last = path.rsplit('/').find(|segment| !segment.is_empty());
        self.identity = CText::new();
        self.identity.push(last.unwrap_or(""));
        Ok(())
    }

    /// For the station.
    pub fn profile(&self) -> Profile<'_> {
        Profile {
            identity: Identity {
                model: &self.model,
                vendor: &self.vendor,
                serial_number: self.serial_number.as_deref(),
                box_serial_number: self.box_serial_number.as_deref(),
                firmware_version: self.firmware_version.as_deref(),
                iccid: self.iccid.as_deref(),
                imsi: self.imsi.as_deref(),
                meter_serial_number: self.meter_serial_number.as_deref(),
                meter_type: self.meter_type.as_deref(),
            },
            connectors: self.connectors,
            vendors: VENDORS,
            seed: kernel::random(),
        }
    }
}

/// # Safety
///
/// As [`text::copied`].
unsafe fn required<const N: usize>(text: *const c_char) -> Result<String<N>, Error> {
    // SAFETY: as the caller promises.
    match unsafe { text::copied(text) }? {
        text if text.is_empty() => Err(Error::Invalid),
        text => Ok(text),
    }
}
