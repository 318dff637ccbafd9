//! What survives reboots, power losses and crashes.

mod charge_point;

use std::time::Duration;

use central_system::{Behaviour, CentralSystem, IdTag};
use charge_point::{ChargePoint, IDENTITY, SOON, Scratch};
use serde_json::{Value, json};

fn central() -> CentralSystem {
    CentralSystem::start(Behaviour::new().tag("TAG", IdTag::accepted())).unwrap()
}

fn reasons(central: &CentralSystem) -> Vec<Option<String>> {
    let station = central.station(IDENTITY);
    let stops = station.transactions.iter().map(|t| t.stop.clone());
    stops
        .map(|stop| stop.and_then(|stop| stop.reason))
        .collect()
}

#[test]
fn power_loss_ends_a_transaction_once() {
    let central = central();
    let scratch = Scratch::new("power-loss");
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    charge_point.command("wait 1.5");
    charge_point.command("power-loss");
    charge_point.wait("boot", |_| true);
    let reported = charge_point.wait_transaction(1, "reported");
    assert_eq!(reported["reason"], "PowerLoss");
    charge_point.command("status");
    let status = charge_point.wait("status", |e| e["connector"] == 1 && !e["plugged"].is_null());
    assert_eq!(status["plugged"], true, "the cable stays");
    assert_eq!(status["transactionId"], Value::Null);
    charge_point.command("power-loss");
    charge_point.wait("boot", |_| true);
    charge_point.wait("registered", |_| true);
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(reasons(&central), [Some("PowerLoss".to_owned())]);
    let station = central.station(IDENTITY);
    assert_eq!(station.transactions[0].stop_frames, 1);
    assert_eq!(station.calls("BootNotification"), 3);
    assert_eq!(station.status(1), Some("Preparing"));
}

#[test]
fn power_loss_without_a_directory_is_no_different() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    charge_point.command("power-loss");
    charge_point.wait_transaction(1, "reported");
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(reasons(&central), [Some("PowerLoss".to_owned())]);
}

#[test]
fn a_crash_is_a_power_loss_and_registers_never_go_back() {
    let central = central();
    let scratch = Scratch::new("crash");
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    let change = json!({"key": "MeterValueSampleInterval", "value": "1"});
    let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
    assert_eq!(answer.unwrap()["status"], "Accepted");
    charge_point.command("meter 1 1000");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    assert!(central.wait_for(SOON, |books| {
        let station = books.station(IDENTITY).unwrap();
        station.transactions.iter().any(|t| t.meter_values >= 3)
    }));
    charge_point.kill();

    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.wait_transaction(1, "reported");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    assert_eq!(charge_point.end(), Some(0));
    let station = central.station(IDENTITY);
    assert_eq!(
        reasons(&central),
        [Some("PowerLoss".to_owned()), Some("Local".to_owned())]
    );
    let (first, second) = (&station.transactions[0], &station.transactions[1]);
    let stop = first.stop.as_ref().unwrap();
    assert_eq!(first.stop_frames, 1);
    assert!(stop.meter_stop > first.meter_start, "{stop:?}");
    assert!(second.meter_start >= stop.meter_stop);
    let kept = charge_point.sent("BootNotification");
    assert_eq!(kept.len(), 1);
}

#[test]
fn a_crash_takes_nothing_from_what_is_billed() {
    let central = central();
    let scratch = Scratch::new("whole-register");
    // No sample within a minute: nothing but the meter knows what was delivered.
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.command("meter 1 1000");
    charge_point.command("power 1 22000");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    std::thread::sleep(Duration::from_secs(4));
    charge_point.kill();

    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.wait_transaction(1, "reported");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    assert_eq!(charge_point.end(), Some(0));
    let station = central.station(IDENTITY);
    let (first, second) = (&station.transactions[0], &station.transactions[1]);
    let stop = first.stop.as_ref().unwrap();
    assert_eq!(stop.reason.as_deref(), Some("PowerLoss"));
    assert_eq!(first.meter_start, 1000);
    // 22 kW, after the ramp, for two seconds and more.
    assert!(stop.meter_stop >= 1010, "{stop:?}");
    assert_eq!(second.meter_start, stop.meter_stop);
}

#[test]
fn a_reboot_ends_transactions_in_order() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    charge_point.command("reboot");
    charge_point.command("status");
    let stopped = charge_point.wait_transaction(1, "stopped");
    assert_eq!(stopped["reason"], "Reboot");
    charge_point.wait("boot", |_| true);
    let status = charge_point.wait("status", |e| e["connector"] == 1);
    assert_ne!(status["status"], "Faulted");
    charge_point.wait_transaction(1, "reported");
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(reasons(&central), [Some("Reboot".to_owned())]);
}

#[test]
fn resets_are_obeyed() {
    let central = central();
    let mut charge_point = ChargePoint::online(&central, &[]);
    for (kind, reason) in [("Soft", "SoftReset"), ("Hard", "HardReset")] {
        charge_point.command("plug 1");
        charge_point.command("tag 1 TAG");
        charge_point.wait_transaction(1, "accepted");
        // Not a call: the connection ends with the answer.
        let asked = json!([2, kind, "Reset", {"type": kind}]);
        central.send_raw(IDENTITY, asked.to_string()).unwrap();
        let answer = json!([3, kind, {"status": "Accepted"}]).to_string();
        charge_point.wait("frame", |e| e["dir"] == "out" && e["text"] == answer);
        let told = charge_point.wait("reset", |_| true);
        assert_eq!(told["type"], kind);
        charge_point.wait("boot", |_| true);
        charge_point.wait("registered", |e| e["status"] == "Accepted");
        assert!(central.wait_for(SOON, |books| {
            let station = books.station(IDENTITY).unwrap();
            let last = station.transactions.last().unwrap();
            last.stop
                .as_ref()
                .is_some_and(|stop| stop.reason.as_deref() == Some(reason))
        }));
        charge_point.command("unplug 1");
        charge_point.wait_status(1, "Available");
    }
    assert_eq!(charge_point.end(), Some(0));
    let station = central.station(IDENTITY);
    assert!(station.faults.is_empty(), "{:?}", station.faults);
    assert_eq!(station.calls("BootNotification"), 3);
}

#[test]
fn offline_work_is_delivered_by_the_next_process() {
    let central = central();
    let scratch = Scratch::new("next-process");
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    charge_point.command("link down");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "stopped");
    assert_eq!(charge_point.end(), Some(0));
    charge_point.wait("error", |e| {
        e["message"]
            .as_str()
            .unwrap()
            .contains("not been delivered")
    });
    assert_eq!(reasons(&central), [None]);
    let mut charge_point = ChargePoint::start(&central, &scratch.option());
    charge_point.wait_transaction(1, "reported");
    assert_eq!(charge_point.end(), Some(0));
    assert_eq!(reasons(&central), [Some("Local".to_owned())]);
}

#[test]
fn a_directory_belongs_to_one_process() {
    let central = central();
    let scratch = Scratch::new("shared");
    let _first = ChargePoint::online(&central, &scratch.option());
    let second = charge_point::binary()
        .args(["--csms", &central.url(), "--id", "CP2"])
        .args(scratch.option())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("another charge point uses it"), "{said}");
}
