//! What a scenario's charge point is like.

use ocpp::{Version, domain::TransferProtocol, limits::CONNECTORS};
use serde_json::Value;

use super::{
    load::{Loader, fields::whole},
    yaml::{Fields, Kind, Node, Problem},
};
use crate::arguments::SecurityNotices;

/// How its records are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In memory, as long as the scenario.
    Memory,
    /// In files of a folder of its own, which is gone at the end.
    Files,
}

/// Which certificate a charge point shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// That of `--cert`, or one of the central system of this program.
    Known,
    /// One that no central system knows.
    Unknown,
}

/// `station` of a scenario.
#[derive(Clone, Debug)]
pub struct StationOptions {
    pub version: Version,
    pub connectors: u8,
    /// Of Basic authentication, with variables.
    pub password: Option<String>,
    /// The security profile that it is for: 2 and 3 with `wss://`, 0 and 1 with `ws://`.
    pub profile: Option<u32>,
    pub vendor: Option<String>,
    pub model: Option<String>,
    pub serial: Option<String>,
    pub storage: Storage,
    pub security_notices: SecurityNotices,
    pub signed_firmware_only: bool,
    /// A new root for central systems has to be signed by the old one.
    pub checks_additional_root: bool,
    /// Which certificate it shows with profile 3.
    pub certificate: Certificate,
    pub protocols: Vec<TransferProtocol>,
    /// Configuration keys that it has before it meets the central system.
    pub keys: Vec<(String, Value)>,
}

impl Default for StationOptions {
    fn default() -> Self {
        Self {
            version: Version::V16,
            connectors: 2,
            password: None,
            profile: None,
            vendor: None,
            model: None,
            serial: None,
            storage: Storage::Memory,
            security_notices: SecurityNotices::Auto,
            signed_firmware_only: false,
            checks_additional_root: false,
            certificate: Certificate::Known,
            protocols: TransferProtocol::ALL.to_vec(),
            keys: Vec::new(),
        }
    }
}

impl StationOptions {
    pub fn read(node: Option<&Node>, loader: &mut Loader) -> Result<Self, Problem> {
        let mut options = Self::default();
        let Some(node) = node else {
            return Ok(options);
        };
        let mut fields = Fields::of(node, "station")?;
        if let Some(node) = fields.take("ocpp") {
            options.version = match node.text("ocpp")?.as_str() {
                "1.6" => Version::V16,
                "2.0.1" => Version::V201,
                _ => return Err(node.problem("ocpp has to be 1.6 or 2.0.1")),
            };
        }
        if let Some(node) = fields.take("connectors") {
            let most = u32::try_from(CONNECTORS).unwrap_or(u32::MAX).min(254);
            let connectors = whole(node, "connectors", 1, most)?;
            options.connectors = u8::try_from(connectors).unwrap_or(1);
        }
        if let Some(node) = fields.take("password") {
            options.password = Some(loader.text(node, "password")?);
        }
        if let Some(node) = fields.take("profile") {
            options.profile = Some(whole(node, "profile", 0, 3)?);
        }
        for (name, longest, slot) in [
            ("vendor", 20, &mut options.vendor),
            ("model", 20, &mut options.model),
            ("serial", 25, &mut options.serial),
        ] {
            if let Some(node) = fields.take(name) {
                let text = node.text(name)?;
                if !(1..=longest).contains(&text.chars().count()) {
                    return Err(node.problem(format!("{name} has 1 to {longest} characters")));
                }
                *slot = Some(text);
            }
        }
        if let Some(node) = fields.take("storage") {
            options.storage = match node.text("storage")?.as_str() {
                "memory" => Storage::Memory,
                "files" => Storage::Files,
                _ => return Err(node.problem("storage has to be memory or files")),
            };
        }
        if let Some(node) = fields.take("security-events") {
            options.security_notices = match node.text("security-events")?.as_str() {
                "auto" => SecurityNotices::Auto,
                "always" => SecurityNotices::Always,
                "never" => SecurityNotices::Never,
                _ => {
                    return Err(node.problem("security-events has to be auto, always or never"));
                }
            };
        }
        if let Some(only) = fields.boolean("signed-firmware-only")? {
            options.signed_firmware_only = only;
        }
        if let Some(checks) = fields.boolean("additional-root-check")? {
            options.checks_additional_root = checks;
        }
        if let Some(node) = fields.take("certificate") {
            options.certificate = match node.text("certificate")?.as_str() {
                "known" => Certificate::Known,
                "unknown" => Certificate::Unknown,
                _ => return Err(node.problem("certificate has to be known or unknown")),
            };
            if options.profile != Some(3) {
                return Err(node.problem("certificate goes with profile 3"));
            }
        }
        if let Some(node) = fields.take("file-transfer") {
            let protocols = node.list("file-transfer")?.iter().map(|node| {
                let name = node.text("a protocol")?;
                TransferProtocol::from_name(&name)
                    .ok_or_else(|| node.problem(format!("{name} is not FTP, FTPS, HTTP or HTTPS")))
            });
            options.protocols = protocols.collect::<Result<_, _>>()?;
        }
        if let Some(node) = fields.take("keys") {
            if options.version != Version::V16 {
                return Err(node.problem("keys go with OCPP 1.6"));
            }
            for (name, node) in node.fields("keys")? {
                if !matches!(node.kind, Kind::Scalar(_)) {
                    return Err(node.problem(format!("{name} has to be a text or a number")));
                }
                options.keys.push((name.clone(), loader.value(node)?));
            }
        }
        fields.finish()?;
        Ok(options)
    }

    /// Bytes of the longest idTag.
    pub fn longest_id_tag(&self) -> usize {
        match self.version {
            Version::V16 => 20,
            Version::V201 => 36,
        }
    }
}
