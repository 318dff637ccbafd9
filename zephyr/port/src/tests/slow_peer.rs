//! A central system that reads slowly, or not at all.

use super::*;
use crate::{
    connection::{Connection, Lost},
    kernel,
    socket::Opened,
};

#[test]
fn a_contactor_opens_while_the_central_system_does_not_read() {
    let _turn = Turn::online();
    let session = charge("DRIVER");
    assert!(APP.hears("limit 1 None", PATIENCE));
    // What has to be told now gets stuck in its middle.
    host::wire(|wire| wire.room = 10);
    charge_point::set_plugged(2, true).unwrap();
    assert!(wait_until(|| host::wire(|wire| wire.room == 0), PATIENCE));
    let begun = Instant::now();
    charge_point::set_fault(
        1,
        Some(ChargePointError::GroundFailure),
        "".try_into().unwrap(),
    )
    .unwrap();
    assert!(APP.hears(
        "limit 1 Some(0)",
        Duration::from_millis(crate::limits::SEND_TIMEOUT_MS / 2)
    ));
    assert!(begun.elapsed() < Duration::from_millis(crate::limits::SEND_TIMEOUT_MS));
    drop(session);
    // It is given up, and the next connection is as good as the first.
    assert!(APP.hears("Offline", PATIENCE));
    let said = "connection lost: the central system does not read what is sent";
    assert!(wait_until(
        || host::lines().iter().any(|line| line == said),
        PATIENCE
    ));
    host::wire(|wire| {
        wire.room = usize::MAX;
        wire.calls.clear();
    });
    assert!(wait_until(|| called("StopTransaction"), PATIENCE));
    assert_eq!(host::wire(|wire| wire.opened), 2);
}

#[test]
fn a_central_system_that_reads_slowly_gets_everything() {
    let _turn = Turn::online();
    host::wire(|wire| wire.room = 0);
    charge_point::set_plugged(1, true).unwrap();
    // Byte by byte, within the time that a frame may take.
    let all = wait_until(
        || {
            host::wire(|wire| wire.room += 1);
            called("StatusNotification")
        },
        PATIENCE,
    );
    assert!(all);
    assert_eq!(host::wire(|wire| wire.opened), 1);
}

#[test]
fn a_pong_that_cannot_be_read_within_a_frame_is_no_silence() {
    let _turn = Turn::take();
    let a_moment = || thread::sleep(Duration::from_millis(3));
    let mut connection = std::boxed::Box::new(Connection::new());
    connection.opened(Opened {
        #[cfg(feature = "tls")]
        unchecked: None,
    });
    a_moment();
    assert_eq!(connection.ping_when_due(kernel::now(), 1), Ok(()));
    host::wire(|wire| wire.room = 3);
    assert_eq!(connection.send("[]", true), Ok(()));
    assert!(connection.is_writing());
    a_moment();
    assert_eq!(connection.ping_when_due(kernel::now(), 1), Ok(()));
    host::wire(|wire| wire.room = usize::MAX);
    assert_eq!(connection.write(), Ok(()));
    a_moment();
    assert_eq!(connection.ping_when_due(kernel::now(), 1), Ok(()));
    // That ping is not answered, and nothing else says why.
    a_moment();
    assert_eq!(
        connection.ping_when_due(kernel::now(), 1),
        Err(Lost::Silent)
    );
}
