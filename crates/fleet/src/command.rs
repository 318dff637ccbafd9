//! What a person does at one station.

use crate::orders::Order;

/// What is done there. At a connector it takes the vehicle out of the session model until that is unplugged, and a
/// fault until it is cleared.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A vehicle is plugged in at that connector.
    Plug(u8),
    /// It leaves.
    Unplug(u8),
    /// A card is presented.
    Tag {
        /// Where.
        connector: u8,
        /// 1 to 20 characters; up to 36 with OCPP 2.0.1.
        id_tag: String,
    },
    /// How much the vehicle draws.
    Power {
        /// Which connector's.
        connector: u8,
        /// W; `None` for what the vehicles of the model draw.
        watts: Option<u32>,
    },
    /// Something breaks.
    Fault {
        /// Where; 0 for the whole charge point.
        connector: u8,
        /// What it is (OCPP 1.6, 7.6 ChargePointErrorCode).
        error: String,
        /// More about it, or nothing.
        info: String,
    },
    /// It works again; 0 for the whole charge point.
    Clear(u8),
    /// Breaks the network until it is mended, and mends it.
    Link {
        /// Whether there is one from now on.
        up: bool,
    },
    /// Without waiting for the next attempt.
    Connect,
    /// What happens to all stations otherwise.
    Order(Order),
}
