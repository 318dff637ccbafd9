//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use ocpp::{
    Version,
    domain::{Measured, TransferProtocol},
    limits::CONNECTORS,
};

use crate::{
    address::Access, central, command::HELP, own_setting::OwnSetting, panel::PanelOptions,
    password::Password, scenario::TestArguments, tls::TlsFiles,
};

/// A charge point with OCPP 1.6J or 2.0.1. Without arguments: a demonstration against a central
/// system of its own. With --csms: connects, and takes commands from standard input (try `help`).
#[derive(Debug, Parser)]
#[command(name = "charge-point", version, after_help = commands(), args_conflicts_with_subcommands = true,
          disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub mode: Option<Mode>,
    /// Where the central system is; the identity is appended to the path
    #[arg(long, value_name = "URL", requires = "identity")]
    pub csms: Option<String>,
    /// Identity of this charge point
    #[arg(long = "id", value_name = "IDENTITY", requires = "csms")]
    pub identity: Option<String>,
    /// Version of OCPP that it speaks: 1.6 or 2.0.1. With 2.0.1 connector N is that of EVSE N
    #[arg(long, value_name = "VERSION", default_value = "1.6", requires = "csms",
          value_parser = version)]
    pub ocpp: Version,
    /// How many connectors it has
    #[arg(long, value_name = "N", default_value_t = 2, requires = "csms",
          value_parser = clap::value_parser!(u8).range(1..=CONNECTORS as i64))]
    pub connectors: u8,
    /// File with the password for HTTP Basic authentication, whose user is the identity: its bytes without
    /// a line break at the end. Without this option and the next one, OCPP_PASSWORD of the environment
    #[arg(
        long,
        value_name = "FILE",
        requires = "csms",
        conflicts_with = "password"
    )]
    pub password_file: Option<PathBuf>,
    /// The password itself, which other users of the machine can see then
    #[arg(long, value_name = "KEY", requires = "csms")]
    pub password: Option<OsString>,
    /// Root certificates (PEM) that the central system's has to lead to, in place of the operating system's
    #[arg(long, value_name = "FILE", requires = "csms")]
    pub ca: Option<PathBuf>,
    /// Certificate revocation lists (PEM or DER) for the central system's certificate and for those that
    /// sign firmware; any number of files
    #[arg(long = "crl", value_name = "FILE", requires = "csms")]
    pub crls: Vec<PathBuf>,
    /// Certificate of the charge point (PEM), with those between it and its root behind it: security
    /// profile 3
    #[arg(long, value_name = "FILE", requires_all = ["csms", "key"])]
    pub cert: Option<PathBuf>,
    /// The key of --cert (PEM: PKCS#8, PKCS#1 or SEC1)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Whether a central system's certificate may bear its name as a wildcard
    #[arg(long, value_name = "CHOICE", requires = "csms", value_enum)]
    pub wildcards: Option<Wildcards>,
    /// Whether the central system is told of security events
    #[arg(
        long,
        value_name = "CHOICE",
        default_value = "auto",
        requires = "csms",
        value_enum
    )]
    pub security_events: SecurityNotices,
    /// Take firmware by SignedUpdateFirmware only: UpdateFirmware is answered with NotSupported
    #[arg(long, requires = "csms")]
    pub signed_firmware_only: bool,
    /// Take a new root certificate only from the authority of the present one (AdditionalRootCertificateCheck)
    #[arg(long, requires = "csms")]
    pub additional_root_check: bool,
    /// Serial number that BootNotification tells and certificates are for; the identity without this
    #[arg(long, value_name = "TEXT", requires = "csms", value_parser = serial_number)]
    pub serial: Option<String>,
    /// Model that BootNotification tells
    #[arg(long, default_value = "Simulator", requires = "csms", value_parser = name)]
    pub model: String,
    /// Vendor that BootNotification tells, and whose DataTransfer messages are answered
    #[arg(long, default_value = "ocpp-rs", requires = "csms", value_parser = name)]
    pub vendor: String,
    /// What its meters measure, as MeterValuesSampledData has it; everything that can be simulated
    /// without this
    #[arg(long, value_name = "LIST", requires = "csms", value_parser = measurands)]
    pub measurands: Option<MeasuredList>,
    /// The most that each phase of a connector can deliver, from 6 to 500 A; 32 without this. There are
    /// three phases of 230 V. It is what composite schedules show where nothing limits, and what is
    /// offered to vehicles, which draw no more where this is given
    #[arg(long, value_name = "A", requires = "csms", value_parser = amperes)]
    pub max_current: Option<u32>,
    /// A configuration key of its own, any number of them. FORM is bool, MIN..MAX, text or
    /// text..LENGTH; FLAG is read-only, write-only or reboot. With the same --storage they are
    /// declared in the same order each time
    #[arg(
        long = "setting",
        value_name = "NAME=FORM[,FLAG...][:DEFAULT]",
        requires = "csms"
    )]
    pub settings: Vec<OwnSetting>,
    /// How it fetches firmware and delivers diagnostics: SupportedFileTransferProtocols, or none
    #[arg(long, value_name = "LIST", default_value = "FTP,FTPS,HTTP,HTTPS", requires = "csms",
          value_parser = protocols)]
    pub file_transfer: ProtocolList,
    /// Bytes of the largest image of the firmware that it takes
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 134_217_728,
        requires = "csms"
    )]
    pub max_firmware: u64,
    /// Certificates (PEM) that those of HTTPS and FTPS servers have to lead to, in place of the usual ones
    #[arg(long, value_name = "FILE", requires = "csms")]
    pub trust: Option<PathBuf>,
    /// Directory for what survives the end of this process
    #[arg(long, value_name = "DIR", requires = "csms")]
    pub storage: Option<PathBuf>,
    /// How long after its arrival a CALL is answered: some central systems lose an answer that
    /// comes within a millisecond
    #[arg(long, value_name = "MS", default_value_t = 20, requires = "csms",
          value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub latency: u64,
    /// One JSON object a line instead of a timeline
    #[arg(long, requires = "csms")]
    pub json: bool,
    /// Refuse every frame that is not to the letter of OCPP 1.6, instead of only telling of it. With
    /// OCPP 2.0.1 it is not told
    #[arg(long, requires = "csms")]
    pub strict: bool,
    #[command(flatten)]
    pub panel: PanelOptions,
    /// The demonstration stays up when it has come to its end, for the panel
    #[arg(long, conflicts_with = "csms")]
    pub stay: bool,
}

/// What it does instead.
#[derive(Debug, Subcommand)]
pub enum Mode {
    Test(Box<TestArguments>),
    /// Thousands of stations in this process, each with a connection of its own (docs/fleet.md)
    #[command(after_help = fleet_commands())]
    Fleet(Box<FleetArguments>),
    /// A central system by itself, which accepts everything (docs/fleet.md)
    #[command(after_help = central::HELP)]
    CentralSystem(central::Options),
}

/// Options of a fleet, and of its panel.
#[derive(Args, Debug)]
pub struct FleetArguments {
    #[command(flatten)]
    pub options: fleet::Options,
    #[command(flatten)]
    pub panel: PanelOptions,
}

fn fleet_commands() -> String {
    format!(
        "Commands, one a line of standard input:\n{}",
        fleet::AFTER_HELP
    )
}

impl Arguments {
    /// What connections with TLS are made with, to a central system whose URL has TLS or not.
    pub fn tls_files(&self, is_secure: bool) -> TlsFiles {
        TlsFiles {
            roots: self.ca.clone(),
            crls: self.crls.clone(),
            prefers_system_roots: is_secure,
            own: self.cert.clone().zip(self.key.clone()),
            takes_wildcards: match self.wildcards {
                Some(choice) => choice == Wildcards::Allow,
                // OCPP 1.6 says nothing of them; 2.0.1 refuses them where AllowCSMSTLSWildcards is not set.
                None => self.ocpp == Version::V16,
            },
            ..TlsFiles::default()
        }
    }

    /// What the first connection is made with, of a central system with TLS or without. The error is for
    /// the user.
    pub fn access(&self, is_secure: bool) -> Result<Access, String> {
        let password = Password::find(self.password.as_deref(), self.password_file.as_deref())?;
        Ok(Access::first(is_secure, password, self.cert.is_some()))
    }
}

/// What becomes of a certificate that bears the central system's name as a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wildcards {
    /// It is good, as for browsers: the default with OCPP 1.6
    Allow,
    /// It is refused: the default with OCPP 2.0.1
    Refuse,
}

/// When the central system is told of security events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecurityNotices {
    /// With security profile 1 and above: central systems without the security whitepaper, most of which
    /// have profile 0, answer each with an error
    Auto,
    /// With each security profile
    Always,
    /// With none: they are in the security log only
    Never,
}

fn commands() -> String {
    format!("Commands, one a line of standard input:\n{HELP}")
}

/// Bytes of the longest idTag.
pub fn longest_id_tag(version: Version) -> usize {
    match version {
        Version::V16 => 20,
        Version::V201 => 36,
    }
}

/// The version that is given so. The error is for the user.
pub fn version(text: &str) -> Result<Version, String> {
    match text {
        "1.6" => Ok(Version::V16),
        "2.0.1" => Ok(Version::V201),
        _ => Err("1.6 or 2.0.1".to_owned()),
    }
}

/// What meters measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredList(pub Vec<Measured>);

/// OCPP 1.6, 9.1.17 MeterValuesSampledData: measurands with their phases, separated by commas.
fn measurands(text: &str) -> Result<MeasuredList, String> {
    let names = text.split(',').map(str::trim);
    let measured = names.map(|name| {
        Measured::from_name(name).ok_or_else(|| format!("{name:?} is no measurand of OCPP 1.6"))
    });
    measured.collect::<Result<_, _>>().map(MeasuredList)
}

/// Tenths of A.
fn amperes(text: &str) -> Result<u32, String> {
    let amperes: f64 = text.parse().map_err(|_| "no number".to_owned())?;
    match (6.0..=500.0).contains(&amperes) {
        true => Ok((amperes * 10.0).round() as u32),
        false => Err("6 to 500 A".to_owned()),
    }
}

/// Ways to transfer a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolList(pub Vec<TransferProtocol>);

fn protocols(text: &str) -> Result<ProtocolList, String> {
    if text == "none" {
        return Ok(ProtocolList(Vec::new()));
    }
    let names = text.split(',').map(str::trim);
    let protocols = names.map(|name| {
        TransferProtocol::from_name(&name.to_ascii_uppercase())
            .ok_or_else(|| format!("{name:?} is not FTP, FTPS, HTTP or HTTPS"))
    });
    protocols.collect::<Result<_, _>>().map(ProtocolList)
}

/// OCPP 1.6, 6.3 BootNotification.req: CiString25.
fn serial_number(text: &str) -> Result<String, String> {
    match text.chars().count() {
        1..=25 => Ok(text.to_owned()),
        _ => Err("1 to 25 characters".to_owned()),
    }
}

/// OCPP 1.6, 6.3 BootNotification.req: CiString20.
fn name(text: &str) -> Result<String, String> {
    match text.chars().count() {
        1..=20 => Ok(text.to_owned()),
        _ => Err("1 to 20 characters".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn accepts(line: &str) -> bool {
        let words = line.split_whitespace();
        Arguments::try_parse_from(std::iter::once("charge-point").chain(words)).is_ok()
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn all_options_need_a_central_system() {
        assert!(accepts(""));
        assert!(accepts("--csms ws://localhost --id CP1"));
        assert!(accepts(
            "--csms ws://localhost --id CP1 --connectors 2 --password p --model M --vendor V \
             --storage /tmp/x --latency 0 --max-current 16 --json --strict --measurands Voltage.L1,SoC \
             --file-transfer http,FTPS --max-firmware 1000 --trust ca.pem \
             --setting Fan=bool:true --setting Offset=-20..20,reboot"
        ));
        for (option, is_good) in [
            ("1.6", true),
            ("2.0.1", true),
            ("1.6J", false),
            ("2.0", false),
        ] {
            let line = format!("--csms ws://localhost --id CP1 --ocpp {option}");
            assert_eq!(accepts(&line), is_good, "{option}");
        }
        assert!(accepts(
            "--csms ws://localhost --id CP1 --file-transfer none"
        ));
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --file-transfer SFTP"
        ));
        assert!(accepts(
            "--csms wss://localhost --id CP1 --ca r.pem --crl l.pem --crl m.crl --cert c.pem --key k.pem --password-file p \
             --wildcards refuse --security-events always --signed-firmware-only --serial S1 \
             --additional-root-check"
        ));
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --security-events some"
        ));
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --serial a-serial-number-that-is-too-long"
        ));
        for incomplete in ["--cert c.pem", "--key k.pem", "--wildcards some"] {
            let line = format!("--csms wss://localhost --id CP1 {incomplete}");
            assert!(!accepts(&line), "{incomplete}");
        }
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --password p --password-file f"
        ));
        assert!(!accepts("--ca r.pem"));
        assert!(!accepts("--crl l.pem"));
        assert!(!accepts("--max-firmware 5"));
        assert!(!accepts("--ocpp 1.6"));
        assert!(!accepts("--setting Fan=bool"));
        assert!(!accepts("--csms ws://localhost --id CP1 --setting Fan"));
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --measurands Voltage.L4"
        ));
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --measurands Voltage,"
        ));
        assert!(!accepts("--csms ws://localhost"));
        assert!(!accepts("--id CP1"));
        assert!(!accepts("--json"));
        assert!(!accepts("--latency 5"));
        assert!(!accepts("--csms ws://localhost --id CP1 --latency -1"));
        assert!(!accepts("--csms ws://localhost --id CP1 --latency 60001"));
        assert!(!accepts("--max-current 16"));
        for (current, is_good) in [("6", true), ("20.5", true), ("5.9", false), ("lots", false)] {
            let line = format!("--csms ws://localhost --id CP1 --max-current {current}");
            assert_eq!(accepts(&line), is_good, "{current}");
        }
        assert!(!accepts("--strict"));
        assert!(accepts("--panel 127.0.0.1:8080 --stay"));
        assert!(accepts(
            "--csms ws://localhost --id CP1 --panel [::]:0 --panel-token-file t --panel-host a --panel-host b"
        ));
        assert!(!accepts("--csms ws://localhost --id CP1 --stay"));
        assert!(!accepts("--panel 8080"));
        assert!(!accepts("--panel-host a"));
        assert!(!accepts("--panel-token-file t"));
        assert!(!accepts("--csms ws://localhost --id CP1 --connectors 0"));
        assert!(!accepts("--csms ws://localhost --id CP1 --connectors 255"));
        assert!(!accepts(
            "--csms ws://localhost --id CP1 --model a-name-that-is-too-long"
        ));
    }
}
