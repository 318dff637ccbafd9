//! The firmware's own Kconfig options; `build.rs` reads them from `.config`.

/// The board, as Zephyr calls it.
pub const BOARD: &str = env!("CONFIG_BOARD");
/// Address or host name of the central system.
pub const SERVER: &str = env!("CONFIG_CHARGE_POINT_SERVER");
/// Its TCP port.
pub const PORT: u16 = number(env!("CONFIG_CHARGE_POINT_PORT")) as u16;
/// Path of the websocket with the identity of the charge point.
pub const PATH: &str = concat!(
    env!("CONFIG_CHARGE_POINT_PATH"),
    "/",
    env!("CONFIG_CHARGE_POINT_IDENTITY")
);
/// Address or host name of the SNTP server, a port behind it if need be.
pub const SNTP_SERVER: &str = env!("CONFIG_CHARGE_POINT_SNTP_SERVER");
/// Seconds after which a car has enough.
pub const SESSION_SECONDS: u32 = number(env!("CONFIG_CHARGE_POINT_SESSION_SECONDS"));
/// idTags of the drivers that wait at start, connector by connector.
pub const ID_TAGS: &str = env!("CONFIG_CHARGE_POINT_ID_TAGS");
/// Bytes of the session log that may wait for its UART.
#[cfg(CONFIG_CHARGE_POINT_SESSION_LOG)]
pub const SESSION_LOG_SIZE: usize = number(env!("CONFIG_CHARGE_POINT_SESSION_LOG_SIZE")) as usize;
/// Stack in bytes of the thread that draws.
#[cfg(CONFIG_CHARGE_POINT_GUI)]
pub const GUI_STACK_SIZE: usize = number(env!("CONFIG_CHARGE_POINT_GUI_STACK_SIZE")) as usize;
/// Bytes of the buffer in which a small display is drawn.
#[cfg(CONFIG_CHARGE_POINT_SMALL_DISPLAY)]
pub const SMALL_DISPLAY_BUFFER: usize =
    number(env!("CONFIG_CHARGE_POINT_SMALL_DISPLAY_BUFFER")) as usize;
/// Pictures a second on it.
#[cfg(CONFIG_CHARGE_POINT_SMALL_DISPLAY)]
pub const SMALL_DISPLAY_RATE: u32 = number(env!("CONFIG_CHARGE_POINT_SMALL_DISPLAY_RATE"));
/// Whether monochrome text is dark.
#[cfg(CONFIG_CHARGE_POINT_SMALL_DISPLAY)]
pub const SMALL_DISPLAY_INVERTED: bool = cfg!(CONFIG_CHARGE_POINT_SMALL_DISPLAY_INVERTED);

#[allow(clippy::panic, reason = "stops the build, never the image")]
const fn number(text: &str) -> u32 {
    match u32::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("a CONFIG_CHARGE_POINT_ option is no whole number"),
    }
}
