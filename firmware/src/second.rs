//! What is looked at every second, for those who watch: the meters, and the own address.

use ocpp::v16::Measurand;
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
    loop {
        // A lease may come late, or be another one the next time.
        view::addressed(&network::own_address());
        for (number, connector) in CONNECTORS.all() {
            let power = CONNECTORS.read_meter(number, Measurand::PowerActiveImport);
            view::metered(number, connector.register(), power.unwrap_or(0));
        }
        sleep(Duration::secs(1));
    }
}
