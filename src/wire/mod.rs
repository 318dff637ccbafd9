//! What travels on the websocket: OCPP-J frames, bounded JSON, text and time.
//!
//! Representation only; what a message means is decided in [`crate::station`].

mod bytes;
pub mod field;
pub mod frame;
pub mod json;
pub mod message;
pub mod number;
pub mod text;
pub mod timestamp;
pub mod writer;

pub use bytes::copy;
pub use field::{Field, Kind, Value};
pub use frame::{ErrorCode, Frame, Payload};
pub use json::Json;
pub use text::Text;
pub use timestamp::UnixMillis;
pub use writer::Writer;
