//! What displays show: the one [`View`], and who tells it what happens.

use ocpp::{domain::IdToken, station::Event};
use ocpp_port::charge_point::Reach;
use view::{Goal, Link, View};
use zephyr::{sync::Mutex, sys::uptime_get};

use crate::{connectors, settings};

/// It is held no longer than a copy takes, so it may be told from any thread.
static VIEW: Mutex<View> = Mutex::new(View::empty());

fn change(how: impl FnOnce(&mut View)) {
    let Ok(mut view) = VIEW.lock();
    how(&mut view);
}

/// For a display to draw.
#[cfg(any(CONFIG_CHARGE_POINT_GUI, CONFIG_CHARGE_POINT_SMALL_DISPLAY))]
pub fn copy() -> View {
    let Ok(view) = VIEW.lock();
    view.clone()
}

/// Monotonic milliseconds, as the view counts them.
pub fn now() -> u64 {
    uptime_get().unsigned_abs()
}

/// Before anything else is told.
pub fn start() {
    change(|view| {
        *view = View::new(connectors::COUNT);
        for connector in 1..=connectors::COUNT {
            view.set_goal(connector, Some(Goal::Time(settings::SESSION_SECONDS)));
        }
    });
}

/// The charge point's own address; empty while it has none.
pub fn addressed(address: &str) {
    change(|view| view.set_address(address));
}

/// The engine tells something.
pub fn happened(event: &Event) {
    change(|view| view.happened(now(), event));
}

/// The central system can be reached so well.
pub fn reached(reach: Reach) {
    change(|view| {
        view.set_link(match reach {
            Reach::Offline => Link::Offline,
            Reach::Pending => Link::Pending,
            Reach::Online => Link::Online,
        });
    });
}

/// An idTag is presented.
pub fn authorizing(connector: u8, id_tag: &IdToken) {
    change(|view| view.authorizing(connector, id_tag));
}

/// The driver has left the connector.
pub fn left(connector: u8) {
    change(|view| view.left(connector));
}

/// What a connector may deliver, in tenths of A on each phase; `None` for no limit.
pub fn limited(connector: u8, limit: Option<u16>) {
    change(|view| view.set_limit(connector, limit));
}

/// When its meter is to be looked at again, after `now` (monotonic milliseconds).
pub fn next_second(connector: u8, now: u64) -> u64 {
    let Ok(view) = VIEW.lock();
    let mut connectors = view.connectors().iter();
    let connector = connectors.find(|one| one.number() == connector);
    connector.map_or(now + 1000, |connector| connector.next_second(now))
}

/// What a meter says, in Wh and W, and the vehicle of its state of charge, in percent.
pub fn metered(connector: u8, register_wh: i32, power_w: i32, state_of_charge: Option<i32>) {
    change(|view| {
        view.metered(connector, register_wh, power_w);
        view.set_state_of_charge(connector, state_of_charge);
    });
}
