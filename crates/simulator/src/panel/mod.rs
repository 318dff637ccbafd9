//! The panel: a page that shows stations and works with them, and the JSON API that it uses.
//!
//! It has a thread of its own, which waits for nothing but the network: each station writes what happens
//! into its [`Feed`], and is asked through its inbox.

mod await_state;
mod feed;
mod fields;
mod frames;
mod guard;
mod live;
mod page;
mod problem;
mod routes;
mod setup;
mod stations;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
};

pub use feed::{Feed, Sample};
pub use setup::Setup;

use crate::charge_point::{Inbox, Settings};
use guard::Guard;
use stations::Stations;

/// Where a panel is, and what a browser is to be given.
#[derive(Clone, Debug)]
pub struct Open {
    pub address: SocketAddr,
    /// What was made up here, to be told once; `None` where there is none, and for one that was given.
    pub token: Option<String>,
}

impl Open {
    /// What is told of it: a line.
    pub fn line(&self) -> String {
        match &self.token {
            Some(token) => format!("panel: http://{}/?token={token}", self.address),
            None => format!("panel: http://{}/", self.address),
        }
    }
}

/// Opens a panel for a station and those that are created there. The error is for the user.
pub fn open(
    setup: &Setup,
    settings: Settings,
    feed: Arc<Feed>,
    inbox: Inbox,
) -> Result<Open, String> {
    let complain = |error: std::io::Error| format!("no panel at {}: {error}", setup.address);
    let listener = TcpListener::bind(setup.address).map_err(complain)?;
    listener.set_nonblocking(true).map_err(complain)?;
    let address = listener.local_addr().map_err(complain)?;
    let (token, is_new) = setup.token()?;
    let guard = Guard::new(address.port(), token.clone(), setup.hosts.clone());
    let router = routes::router(Stations::new(settings, feed, inbox), guard);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(complain)?;
    thread::Builder::new()
        .name("panel".to_owned())
        .spawn(move || {
            runtime.block_on(async move {
                // It serves until the process ends.
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    let _ = axum::serve(listener, router).await;
                }
            });
        })
        .map_err(complain)?;
    Ok(Open {
        address,
        token: token.filter(|_| is_new),
    })
}
