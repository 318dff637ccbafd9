//! What is looked at every second, for those who watch: the meters, the own address, and whether
//! anybody reads the session log.

use ocpp::v16::Measurand;
use ocpp_port::charge_point::Application;
use zephyr::{
    sys::uptime_get,
    time::{Duration, sleep},
};

use crate::{connectors::CONNECTORS, network, session_log, view};

const SECOND_MS: i64 = 1000;
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
    let mut next = uptime_get();
    loop {
        look_once();
        next += SECOND_MS;
        let now = uptime_get();
        match u64::try_from(next - now) {
            Ok(rest) => {
                sleep(Duration::millis(rest));
            }
            // Seconds that were missed are not made up for.
            Err(_) => next = now,
        }
    }
}

fn look_once() {
    // A lease may come late, or be another one the next time.
    view::addressed(&network::own_address());
    session_log::look();
    for (number, connector) in CONNECTORS.all() {
        let register = connector.register();
        let power = CONNECTORS.read_meter(number, Measurand::PowerActiveImport);
        view::metered(number, register, power.unwrap_or(0));
        if connector.is_charging() {
            session_log::meter_read(number, register);
        }
    }
}
