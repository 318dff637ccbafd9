//! The panel: a page that shows stations and works with them, and the JSON API that it uses.
//!
//! It has a thread of its own, which waits for nothing but the network: each station writes what happens
//! into its [`Feed`], and is asked through its inbox, or that of its loop where it is one of a fleet.

mod await_state;
mod feed;
mod fields;
mod fleet;
mod frames;
mod guard;
mod live;
mod options;
mod page;
mod problem;
mod routes;
mod server;
mod setup;
mod source;
mod station_routes;
mod stations;

use std::sync::Arc;

pub use self::fleet::open as open_fleet;
pub use feed::{Feed, Sample};
pub use options::PanelOptions;
pub use server::Open;
pub use setup::Setup;

use crate::charge_point::{Inbox, Settings};
use stations::Stations;

/// Opens a panel for a station and those that are created there. The error is for the user.
pub fn open(
    setup: &Setup,
    settings: Settings,
    feed: Arc<Feed>,
    inbox: Inbox,
) -> Result<Open, String> {
    let stations = Stations::new(settings, feed, inbox);
    server::open(setup, page::STATIONS, || routes::router(stations))
}
