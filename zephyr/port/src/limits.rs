//! Capacities of the port that a build fixes, like those of [`ocpp::limits`].
//!
//! Each comes from Kconfig through the environment variable `OCPP_<NAME>`; the defaults are
//! those of Kconfig.

use ocpp::{Version, limits::TX_MIN};

#[cfg(not(any(feature = "v16", feature = "v201")))]
compile_error!("neither CONFIG_OCPP_V16 nor CONFIG_OCPP_V201: the charge point speaks no OCPP");

/// The version that is spoken where the application chooses none: CONFIG_OCPP_DEFAULT_VERSION.
pub const VERSION: Version = match () {
    #[cfg(all(feature = "v16", feature = "v201"))]
    () if option_env!("OCPP_DEFAULT_V201").is_some() => Version::V201,
    #[cfg(feature = "v16")]
    () => Version::V16,
    #[cfg(not(feature = "v16"))]
    () => Version::V201,
};
/// Sessions that can be open at once.
pub const SESSIONS: usize = number(option_env!("OCPP_SESSIONS"), 8);
/// API calls that can be under way at once.
pub const CALLS: usize = number(option_env!("OCPP_INTERNAL_MSGQ_CNT"), 10);
/// Threads that call the application back.
pub const CALLBACK_THREADS: usize = number(option_env!("OCPP_CALLBACK_THREADS"), 2);
/// Longest message that may arrive, in bytes.
pub const RECV_BUFFER_SIZE: usize = number(
    option_env!("OCPP_RECV_BUFFER_SIZE"),
    if cfg!(feature = "smart-charging") {
        2560
    } else {
        2048
    },
);
/// Longest frame that is sent, in bytes.
pub const SEND_BUFFER_SIZE: usize = number(option_env!("OCPP_SEND_BUFFER_SIZE"), 1536);
/// Milliseconds that sending one frame may take.
pub const SEND_TIMEOUT_MS: u64 = number(
    option_env!("OCPP_CONNECT_TIMEOUT_MS"),
    if cfg!(test) { 1000 } else { 10_000 },
) as u64;
/// Whether records are kept in flash.
pub const STORAGE_IN_FLASH: bool = option_env!("OCPP_STORAGE_FLASH").is_some();
/// Bytes of the partition that are used for them, at most.
pub const STORAGE_FLASH_SIZE: usize = number(option_env!("OCPP_STORAGE_FLASH_SIZE"), 65536);
/// Bytes of that partition, as the devicetree has it.
pub const STORAGE_PARTITION_SIZE: usize = number(option_env!("OCPP_STORAGE_PARTITION_SIZE"), 0);
/// Bytes of it that are erased at once; 0 where the devicetree does not say.
pub const STORAGE_PAGE_SIZE: usize = number(option_env!("OCPP_STORAGE_PAGE_SIZE"), 0);
/// Bytes of it that are written at once; 0 where the devicetree does not say.
pub const STORAGE_WRITE_SIZE: usize = number(option_env!("OCPP_STORAGE_WRITE_SIZE"), 0);
/// Bytes of RAM that hold all records, when they are not.
pub const STORAGE_SIZE: usize = number(option_env!("OCPP_STORAGE_SIZE"), 6144);
/// Longest address or host name of the central system.
pub const HOST_LENGTH: usize = number(option_env!("OCPP_HOST_LENGTH"), 64);
/// Longest path of the websocket.
pub const PATH_LENGTH: usize = number(option_env!("OCPP_PATH_LENGTH"), 128);
/// vendorId of the DataTransfer messages that the application answers; empty for none.
pub const DATA_TRANSFER_VENDOR: &str = match option_env!("OCPP_DATA_TRANSFER_VENDOR") {
    Some(vendor) => vendor,
    None if cfg!(test) => "org.example",
    None => "",
};
/// Bytes of certificates that are looked at at once, with the roots that they are looked at with.
#[cfg(feature = "security")]
pub const CERTIFICATE_BUFFER_SIZE: usize =
    number(option_env!("OCPP_CERTIFICATE_BUFFER_SIZE"), 10_240);
/// Security tag under which the charge point has what the central system installs and issues.
#[cfg(feature = "security")]
pub const TLS_TAG: i32 = number(option_env!("OCPP_TLS_TAG"), 20_291) as i32;
/// Whether a root for central systems has to be signed by the one whose place it takes.
#[cfg(feature = "security")]
pub const ADDITIONAL_ROOT_CHECK: bool = option_env!("OCPP_ADDITIONAL_ROOT_CHECK").is_some();
/// Whether firmware has to be signed.
#[cfg(feature = "security")]
pub const SIGNED_FIRMWARE_ONLY: bool = option_env!("OCPP_SIGNED_FIRMWARE_ONLY").is_some();
/// Whether the central system is told of security events.
#[cfg(feature = "security")]
pub const TELLS_SECURITY_EVENTS: bool = option_env!("OCPP_TELL_SECURITY_EVENTS").is_some();
/// Whether the ring of diagnostics is in flash.
#[cfg(feature = "firmware-management")]
pub const DIAGNOSTICS_IN_FLASH: bool = option_env!("OCPP_DIAGNOSTICS_FLASH").is_some();
/// Bytes of RAM that it has, when it is not.
#[cfg(feature = "firmware-management")]
pub const DIAGNOSTICS_SIZE: usize = number(option_env!("OCPP_DIAGNOSTICS_SIZE"), 4096);
/// Bytes of RAM for lines that wait to be moved there.
#[cfg(feature = "firmware-management")]
pub const DIAGNOSTICS_BUFFER_SIZE: usize = number(option_env!("OCPP_DIAGNOSTICS_BUFFER_SIZE"), 768);
/// Milliseconds that they wait, at most.
#[cfg(feature = "firmware-management")]
pub const DIAGNOSTICS_SAVE_INTERVAL_MS: u64 =
    number(option_env!("OCPP_DIAGNOSTICS_SAVE_INTERVAL_MS"), 10_000) as u64;
/// Highest level that is written to the log: 0 for none to 4 for debugging.
pub const LOG_LEVEL: usize = number(option_env!("OCPP_LOG_LEVEL"), 3);

// Kconfig's default grows with what needs more.
const _: () = assert!(
    SEND_BUFFER_SIZE >= TX_MIN,
    "CONFIG_OCPP_SEND_BUFFER_SIZE has no room for the longest configuration key: its default has"
);

// So does that of what it has to take.
#[cfg(feature = "smart-charging")]
const _: () = assert!(
    RECV_BUFFER_SIZE >= ocpp::limits::CHARGING_PROFILE_REQUEST,
    "CONFIG_OCPP_RECV_BUFFER_SIZE has no room for a charging profile of CONFIG_OCPP_CHARGING_PERIODS: \
     65 bytes for each and 640 more"
);

#[allow(clippy::panic, reason = "stops the build, never the image")]
const fn number(text: Option<&str>, default: usize) -> usize {
    let Some(text) = text else {
        return default;
    };
    match usize::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("an OCPP_ variable is no whole number"),
    }
}
