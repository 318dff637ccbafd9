//! What one part tells others of: the station between its parts.

mod driver;
mod metering;
