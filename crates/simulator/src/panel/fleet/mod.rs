//! The panel of a fleet: the table of its stations, each of which can be opened.

mod commands;
mod opened;
mod routes;
mod table;

use fleet::Control;

use super::{Open, Setup, page, server};
use opened::Opened;

/// Opens a panel for a fleet that runs. The error is for the user.
pub fn open(setup: &Setup, control: Control) -> Result<Open, String> {
    server::open(setup, page::FLEET, || routes::router(Opened::new(control)))
}
