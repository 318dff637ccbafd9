//! What the application said at the start, copied: its structures need not live on.

use core::ffi::{CStr, c_char};

use heapless::{String, Vec, string::StringView};
use ocpp::{
    Version,
    domain::{
        AUTHORIZATION_KEY_LENGTH, BootReason, Credentials, Equipment, Identity, TransferProtocol,
    },
    limits::CONNECTORS,
    station::Profile,
};

#[cfg(feature = "tls")]
use crate::tls::{Credential, TlsSettings};
use crate::{
    application::Application,
    charge_point::{Description, Server},
    errno::Error,
    kernel::{self, SetupCell},
    limits::{HOST_LENGTH, PATH_LENGTH},
    meter::Meters,
    text::CText,
    transfer::VENDORS,
};

/// Written at the start, before there is a thread that reads it.
pub static SETTINGS: SetupCell<Settings> = SetupCell::new(Settings::new());

/// Room for the zero at the end of the longest texts.
const HOST: usize = HOST_LENGTH + 1;
const PATH: usize = PATH_LENGTH + 2;

/// Characters of the longest user of HTTP Basic authentication: the longest identity (OCPP-J 1.6, 3.1.1).
const USER: usize = 48;

unsafe extern "C" {
    safe fn ocpp_port_authorization_key() -> *const c_char;
}

/// What stands there before the first start, as all zeros.
const FIRST: Version = match () {
    #[cfg(feature = "v16")]
    () => Version::V16,
    #[cfg(not(feature = "v16"))]
    () => Version::V201,
};

/// Everything that does not change while the charge point runs.
pub struct Settings {
    /// Address or name of the central system.
    pub host: CText<HOST>,
    /// Path of the websocket.
    pub path: CText<PATH>,
    /// Its last segment: the identity of this charge point.
    pub identity: CText<PATH>,
    /// The user of HTTP Basic authentication.
    pub user: CText<{ USER + 1 }>,
    authorization_key: Vec<u8, { AUTHORIZATION_KEY_LENGTH }>,
    /// What connections with TLS are made with.
    #[cfg(feature = "tls")]
    pub tls: TlsSettings,
    /// Version of OCPP that is spoken there.
    pub version: Version,
    /// TCP port.
    pub port: u16,
    /// Address family, as the network stack counts.
    pub family: u16,
    /// Connectors.
    pub connectors: u8,
    /// What the charge point calls; `None` before the first start.
    pub application: Option<&'static dyn Application>,
    /// What its meters measure.
    pub meters: Meters,
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

/// How files are transferred.
const PROTOCOLS: &[TransferProtocol] = match () {
    #[cfg(feature = "firmware-management")]
    () if cfg!(feature = "tls") => &[TransferProtocol::Http, TransferProtocol::Https],
    #[cfg(feature = "firmware-management")]
    () => &[TransferProtocol::Http],
    #[cfg(not(feature = "firmware-management"))]
    () => &[],
};

impl Settings {
    const fn new() -> Self {
        Self {
            host: CText::new(),
            path: CText::new(),
            identity: CText::new(),
            user: CText::new(),
            authorization_key: Vec::new(),
            #[cfg(feature = "tls")]
            tls: TlsSettings::new(),
            version: FIRST,
            port: 0,
            family: 0,
            connectors: 0,
            application: None,
            meters: Meters::UNDECLARED,
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
    /// caller.
    pub fn set(
        &mut self,
        description: &Description<'_>,
        server: &Server<'_>,
        application: &'static dyn Application,
    ) -> Result<(), Error> {
        self.version = server.version;
        self.connectors = description.connectors;
        self.port = server.port;
        self.family = server.family;
        self.application = Some(application);
        self.meters = Meters::new(application.measurands())?;
        if !(1..=CONNECTORS).contains(&usize::from(self.connectors)) {
            return Err(Error::Invalid);
        }
        self.set_server(server)?;
        let identity = &description.identity;
        if identity.model.is_empty() || identity.vendor.is_empty() {
            return Err(Error::Invalid);
        }
        copy(&mut self.model, identity.model)?;
        copy(&mut self.vendor, identity.vendor)?;
        copy_optional(&mut self.serial_number, identity.serial_number)?;
        copy_optional(&mut self.box_serial_number, identity.box_serial_number)?;
        copy_optional(&mut self.firmware_version, identity.firmware_version)?;
        // One that is told by nothing else would not be known from the next.
        #[cfg(feature = "firmware-management")]
        if self.firmware_version.is_none() {
            self.firmware_version = crate::files::version();
        }
        copy_optional(&mut self.iccid, identity.iccid)?;
        copy_optional(&mut self.imsi, identity.imsi)?;
        copy_optional(&mut self.meter_serial_number, identity.meter_serial_number)?;
        copy_optional(&mut self.meter_type, identity.meter_type)
    }

    fn set_server(&mut self, server: &Server<'_>) -> Result<(), Error> {
        if server.host.is_empty()
            || server.host.len() > HOST_LENGTH
            || server.path.len() > PATH_LENGTH
        {
            return Err(Error::Invalid);
        }
        self.host.set(server.host);
        let path = server.path;
        self.path.set(if path.starts_with('/') { "" } else { "/" });
        self.path.push(path);
        self.identity.set(last_segment(path));
        #[cfg(feature = "tls")]
        self.tls
            .set(server.uses_tls, server.security_tags, server.tls_name)?;
        self.set_login(server)
    }

    /// What the application says, else CONFIG_OCPP_AUTHORIZATION_KEY with the identity as user.
    fn set_login(&mut self, server: &Server<'_>) -> Result<(), Error> {
        // SAFETY: C gives a text that lives on.
        let configured = unsafe { CStr::from_ptr(ocpp_port_authorization_key()) };
        let (user, key) = match server.password {
            [] => (self.identity.as_str(), configured.to_bytes()),
            password => match server.user {
                "" => (self.identity.as_str(), password),
                user => (user, password),
            },
        };
        let is_plain = |user: &str| user.bytes().all(|byte| byte >= b' ' && byte != b':');
        if !key.is_empty() && (user.len() > USER || !is_plain(user)) {
            return Err(Error::Invalid);
        }
        self.user.set(user);
        self.authorization_key.clear();
        let copied = self.authorization_key.extend_from_slice(key);
        copied.map_err(|_| Error::Invalid)
    }

    /// What the charge point is called in a request for a certificate: its serial number, else its
    /// identity.
    #[cfg(feature = "security")]
    pub fn serial_number(&self) -> &str {
        let number = self.serial_number.as_deref();
        number.unwrap_or(self.identity.as_str())
    }

    /// What the charge point was configured with, whose profile follows from it.
    pub fn credentials(&self) -> Credentials<'_> {
        let security_profile = match () {
            #[cfg(feature = "tls")]
            () if self.tls.is_wanted && self.tls.has(Credential::Own) => 3,
            #[cfg(feature = "tls")]
            () if self.tls.is_wanted => 2,
            () => u8::from(!self.authorization_key.is_empty()),
        };
        Credentials {
            security_profile,
            authorization_key: &self.authorization_key,
        }
    }

    /// Settings of the application's own.
    #[cfg(feature = "settings")]
    pub fn own_settings(&self) -> &'static [ocpp::station::Setting<'static>] {
        self.application.map_or(&[], |it| it.settings())
    }

    /// There are none.
    #[cfg(not(feature = "settings"))]
    fn own_settings(&self) -> &'static [ocpp::station::Setting<'static>] {
        &[]
    }

    /// Why it boots: what the application says, else what the hardware does.
    #[cfg(feature = "v201")]
    fn boot_reason(&self) -> Option<BootReason> {
        let said = self.application.and_then(|it| it.boot_reason());
        said.or_else(kernel::boot_reason)
    }

    /// OCPP 1.6 does not tell it.
    #[cfg(not(feature = "v201"))]
    fn boot_reason(&self) -> Option<BootReason> {
        None
    }

    #[cfg(any(feature = "v201", feature = "smart-charging"))]
    fn equipment(&self) -> Equipment<'static> {
        let longest = u32::try_from(crate::limits::RECV_BUFFER_SIZE).unwrap_or(u32::MAX);
        Equipment::new(self.application.map_or(&[], |it| it.evses()))
            .receive_buffer(longest)
            .security_profile(self.credentials().security_profile)
    }

    /// OCPP 1.6 does not tell it.
    #[cfg(not(any(feature = "v201", feature = "smart-charging")))]
    fn equipment(&self) -> Equipment<'static> {
        Equipment::default()
    }

    /// For the station.
    pub fn profile(&self) -> Profile<'_> {
        Profile {
            version: self.version,
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
            measurands: self.meters.declared(),
            settings: self.own_settings(),
            boot_reason: self.boot_reason(),
            firmware_mark: 0,
            transfer_protocols: PROTOCOLS,
            equipment: self.equipment(),
            seed: kernel::random(),
        }
    }
}

/// The last part of a path that is not empty. By bytes: `str::split` takes 700 bytes of code.
fn last_segment(path: &str) -> &str {
    let is_slash = |byte: &u8| *byte == b'/';
    let trailing = path.bytes().rev().take_while(|byte| is_slash(byte)).count();
    let path = path.get(..path.len() - trailing).unwrap_or("");
    let length = path.bytes().rev().take_while(|byte| !is_slash(byte));
    path.get(path.len() - length.count()..).unwrap_or("")
}

/// Replaces a text of any capacity, so that there is one of it and not one for each.
#[inline(never)]
fn copy(place: &mut StringView, text: &str) -> Result<(), Error> {
    place.clear();
    place.push_str(text).map_err(|_| Error::Invalid)
}

fn copy_optional<const N: usize>(
    place: &mut Option<String<N>>,
    text: Option<&str>,
) -> Result<(), Error> {
    *place = None;
    match text {
        Some(text) => copy(place.insert(String::new()), text),
        None => Ok(()),
    }
}
