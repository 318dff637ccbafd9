//! What happens once a second: whoever shows what goes on looks at it.

use zephyr::{
    sys::uptime_get,
    time::{Duration, sleep},
};

use crate::{connectors::CONNECTORS, session_log};

const SECOND_MS: i64 = 1000;
/// Behind the drivers, which charge.
const PRIORITY: i32 = 10;

/// From now on.
pub fn start() {
    let thread = count();
    thread.set_priority(PRIORITY);
    thread.start();
}

#[zephyr::thread(stack_size = 1536, pool_size = 1)]
fn count() {
    let mut next = uptime_get();
    loop {
        next += SECOND_MS;
        let now = uptime_get();
        match u64::try_from(next - now) {
            Ok(rest) => {
                sleep(Duration::millis(rest));
            }
            // Seconds that were missed are not made up for.
            Err(_) => next = now,
        }
        pass();
    }
}

fn pass() {
    session_log::look();
    for (number, connector) in CONNECTORS.all() {
        if let Some(register) = connector.charging() {
            session_log::meter_read(number, register);
        }
    }
}
