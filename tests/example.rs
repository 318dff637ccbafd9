//! `examples/charge_point.rs` at a central system that goes away while it charges.
#![allow(clippy::restriction)] // What fails here may panic.

use std::{thread, time::Duration};

use central_system::{Behaviour, BootStatus, CentralSystem, Direction, IdTag};
use serde_json::Value;

#[allow(dead_code)] // its main
#[path = "../examples/charge_point.rs"]
mod charge_point;
#[path = "support/schemas.rs"]
mod schemas;

const IN_TIME: Duration = Duration::from_secs(60);

#[test]
fn the_example_charges_once_and_every_frame_is_valid() {
    let behaviour = Behaviour::new()
        .boot(BootStatus::Accepted, 1)
        .tag("04A1B2C3", IdTag::accepted());
    let central = CentralSystem::start(behaviour).unwrap();
    let url = format!("{}/CP1", central.url());
    let example = thread::spawn(move || charge_point::run(&url).unwrap());

    let begun = central.wait_for(IN_TIME, |books| {
        let station = books.station("CP1");
        station.is_some_and(|cp| cp.calls("Heartbeat") > 0 && !cp.transactions.is_empty())
    });
    assert!(begun, "{:?}", central.station("CP1"));
    central.pause();
    central.resume().unwrap();
    example.join().unwrap();

    let station = central.station("CP1");
    assert_eq!(station.faults, [""; 0]);
    assert_eq!(station.connections, 2);
    let [transaction] = &station.transactions[..] else {
        panic!("{:?}", station.transactions);
    };
    let stop = transaction.stop.as_ref().unwrap();
    assert_eq!(stop.meter_stop - transaction.meter_start, 9);
    assert_eq!(stop.id_tag.as_deref(), Some("04A1B2C3"));

    let frames = station.frames.iter();
    let sent = frames.filter(|frame| frame.direction == Direction::FromStation);
    for frame in sent {
        let frame: Value = serde_json::from_str(&frame.text).unwrap();
        let action = frame[2].as_str().unwrap();
        schemas::check(action, schemas::Half::Request, &frame[3]);
    }
}
