//! The words of a charge point that every version of OCPP has, whatever it calls them.
//!
//! How a version names and writes them is in its dialect ([`crate::v16`]).

#[cfg(all(feature = "firmware-management", feature = "security"))]
mod asked_by;
#[cfg(all(feature = "firmware-management", not(feature = "security")))]
#[path = "no_asked_by.rs"]
mod asked_by;
mod authorization;
mod charging;
mod connectors;
mod credentials;
mod equipment;
#[cfg(feature = "v201")]
mod facts;
mod invisible;
mod measured;
mod metering;
pub(crate) mod names;
mod provisioning;
mod remote_control;
#[cfg(feature = "security")]
mod security;
mod transactions;
mod transfers;
mod tx_points;

#[cfg(feature = "firmware-management")]
pub(crate) use asked_by::AskedBy;
pub use authorization::*;
pub use charging::*;
pub use connectors::*;
pub use credentials::*;
pub use equipment::*;
#[cfg(feature = "v201")]
pub(crate) use facts::Fact;
pub use invisible::is_invisible;
pub use measured::Measured;
pub use metering::*;
pub use provisioning::*;
pub use remote_control::*;
#[cfg(feature = "security")]
pub use security::*;
pub use transactions::*;
pub use transfers::*;
pub(crate) use tx_points::{TxPoint, TxPoints, TxPolicy};
