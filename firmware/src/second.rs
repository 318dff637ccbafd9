//! What is looked at every second, for those who watch: the meters, the own address, and whether
//! anybody reads the session log.
//!
//! The meter of a connector is looked at when its elapsed time changes, so that a display shows
//! what was taken in so many seconds, and not one or the other.

use ocpp::{domain::Measurand, limits::CONNECTORS as COUNT};
use ocpp_port::charge_point::Application;
use zephyr::time::{Duration, sleep};

use crate::{
    connectors::{CONNECTORS, Connector},
    network, session_log, view,
};

/// Behind the threads of the charge point and its drivers.
const PRIORITY: i32 = 10;

/// Starts to look.
pub fn start() {
    let thread = look();
    thread.set_priority(PRIORITY);
    thread.start();
}

#[zephyr::thread(stack_size = 1536, pool_size = 1)]
fn look() {
    let mut others_due = view::now();
    let mut due = [others_due; COUNT];
    let mut charged = [false; COUNT];
    loop {
        let now = view::now();
        if now >= others_due {
            // Seconds that were missed are not made up for.
            others_due = (others_due + 1000).max(now);
            // A lease may come late, or be another one the next time.
            view::addressed(&network::own_address());
            session_log::look();
        }
        let each = CONNECTORS.all().zip(due.iter_mut().zip(&mut charged));
        for ((number, connector), (due, charged)) in each {
            if now >= *due {
                look_at(number, connector, charged);
                // A transaction that begins meanwhile moves it by less than a second.
                *due = view::next_second(number, now);
            }
        }
        let next = due.iter().fold(others_due, |next, due| next.min(*due));
        sleep(Duration::millis(next.saturating_sub(view::now())));
    }
}

/// `charged` says whether it did the last time.
fn look_at(number: u8, connector: &Connector, charged: &mut bool) {
    let register = connector.register();
    let power = CONNECTORS.read_meter(number, Measurand::PowerActiveImport);
    let state_of_charge = CONNECTORS.read_meter(number, Measurand::SoC);
    view::metered(number, register, power.unwrap_or(0), state_of_charge);
    let charges = connector.is_charging();
    // The first reading is the one after a second, not the one on the way there.
    if charges && *charged {
        session_log::meter_read(number, register);
    }
    *charged = charges;
}
