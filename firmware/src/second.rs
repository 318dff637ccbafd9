//! What is looked at every second, for those who watch: the meters, and the own address.
//!
//! The meter of a connector is looked at when its elapsed time changes, so that a display shows
//! what was taken in so many seconds, and not one or the other.

use ocpp::{limits::CONNECTORS as COUNT, v16::Measurand};
use ocpp_port::charge_point::Application;
use zephyr::time::{Duration, sleep};

use crate::{connectors::CONNECTORS, network, view};

/// Behind the threads of the charge point and its drivers.
const PRIORITY: i32 = 10;

/// Starts to look.
pub fn start() {
    let thread = look();
    thread.set_priority(PRIORITY);
    thread.start();
}

#[zephyr::thread(stack_size = 1024, pool_size = 1)]
fn look() {
    let mut address_due = 0;
    let mut due = [0; COUNT];
    loop {
        let now = view::now();
        if now >= address_due {
            address_due = now + 1000;
            // A lease may come late, or be another one the next time.
            view::addressed(&network::own_address());
        }
        for ((number, connector), due) in CONNECTORS.all().zip(&mut due) {
            if now >= *due {
                let power = CONNECTORS.read_meter(number, Measurand::PowerActiveImport);
                view::metered(number, connector.register(), power.unwrap_or(0));
                // A transaction that begins meanwhile moves it by less than a second.
                *due = view::next_second(number, now);
            }
        }
        let next = due.iter().fold(address_due, |next, due| next.min(*due));
        sleep(Duration::millis(next.saturating_sub(view::now())));
    }
}
