//! What survives reboots, power losses and crashes.

use std::{
    thread,
    time::{Duration, Instant},
};

use central_system::{Behaviour, CentralSystem, IdTag};
use serde_json::{Value, json};

use crate::charge_point::{ChargePoint, IDENTITY, SOON, Scratch, binary};

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
    // 22 kW, after the ramp, for two seconds and more: Wh, of a file in mJ.
    let register = || {
        let text = std::fs::read_to_string(scratch.path().join("register-1"));
        text.ok()?.split(' ').next()?.parse::<u64>().ok()
    };
    let began = Instant::now();
    while register() < Some(1010 * 3_600_000) {
        assert!(began.elapsed() < SOON, "{:?}", register());
        thread::sleep(Duration::from_millis(10));
    }
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
    let second = binary()
        .args(["--csms", &central.url(), "--id", "CP2"])
        .args(scratch.option())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("another charge point uses it"), "{said}");
}

/// The condition of connector 1.
fn condition(charge_point: &mut ChargePoint) -> Value {
    charge_point.command("status");
    charge_point.wait("status", |e| e["connector"] == 1 && !e["plugged"].is_null())
}

#[test]
fn a_car_that_was_plugged_in_still_is_and_one_that_left_is_not() {
    let central = central();
    let scratch = Scratch::new("plugged");
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.command("plug 1");
    charge_point.wait_status(1, "Preparing");
    let before = condition(&mut charge_point);
    // At once: what was said has been kept.
    charge_point.kill();
    let mut charge_point = ChargePoint::start(&central, &scratch.option());
    charge_point.wait_status(1, "Preparing");
    charge_point.wait("registered", |_| true);
    let after = condition(&mut charge_point);
    assert_eq!(
        (&after["plugged"], &after["soc"]),
        (&json!(true), &before["soc"])
    );
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    assert_eq!(charge_point.end(), Some(0));

    let mut charge_point = ChargePoint::start(&central, &scratch.option());
    charge_point.wait_status(1, "Preparing");
    charge_point.command("unplug 1");
    charge_point.wait_status(1, "Available");
    charge_point.kill();
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    let status = condition(&mut charge_point);
    assert_eq!(
        (&status["plugged"], &status["status"]),
        (&json!(false), &json!("Available"))
    );
    assert_eq!(charge_point.told("error"), Vec::<Value>::new());
}

#[test]
fn what_is_no_register_or_vehicle_is_refused_and_stays() {
    let scratch = Scratch::new("no-register");
    std::fs::create_dir_all(scratch.path()).unwrap();
    for (file, content) in [
        ("register-1", "18446744073709551615"),
        ("register-1", "-1"),
        ("register-2", "twelve"),
        ("register-2", ""),
        ("register-1", "834404000000 0123abcd"),
        ("vehicle-1", "1 2"),
        // Its register is lost.
        ("vehicle-1", "1 2 3"),
        ("format", "99"),
    ] {
        let path = scratch.path().join(file);
        std::fs::write(&path, content).unwrap();
        let output = binary()
            .args(["--csms", "ws://127.0.0.1:9", "--id", "CP1"])
            .args(scratch.option())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{file}: {content}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.contains(if file == "format" { "99" } else { file }),
            "{said}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn what_flows_while_the_disk_fails_is_billed() {
    let central = central();
    let scratch = Scratch::new("fails");
    let away = scratch.path().with_extension("away");
    let mut charge_point = ChargePoint::online(&central, &scratch.option());
    charge_point.command("power 1 300000");
    charge_point.command("plug 1");
    charge_point.command("tag 1 TAG");
    charge_point.wait_transaction(1, "accepted");
    // As a medium that takes nothing more.
    std::fs::rename(scratch.path(), &away).unwrap();
    charge_point.wait("error", |e| {
        let message = e["message"].as_str().unwrap();
        message.contains("the register of connector 1 cannot be kept")
    });
    charge_point.command("wait 2");
    charge_point.command("suspend 1 ev");
    charge_point.command("wait 3");
    let register = condition(&mut charge_point)["energy"].clone();
    charge_point.command("tag 1 TAG");
    charge_point.wait_status(1, "Finishing");
    std::fs::rename(&away, scratch.path()).unwrap();
    charge_point.wait_transaction(1, "reported");
    let told = charge_point.told("error");
    let lost = told
        .iter()
        .filter(|e| e["message"].as_str().unwrap().contains("register"));
    assert_eq!(lost.count(), 1, "{told:#?}");
    let station = central.station(IDENTITY);
    let transaction = &station.transactions[0];
    let stop = transaction.stop.as_ref().unwrap();
    assert!(
        stop.meter_stop > transaction.meter_start + 100,
        "{transaction:?}"
    );
    assert_eq!(json!(stop.meter_stop), register);
    assert_eq!(charge_point.end(), Some(0));
}

#[test]
fn a_damaged_record_does_not_silence_the_end_of_a_transaction() {
    let central = central();
    for record in ["record-0301", "record-0401"] {
        let scratch = Scratch::new(record);
        let mut charge_point = ChargePoint::online(&central, &scratch.option());
        charge_point.command("plug 1");
        charge_point.command("tag 1 TAG");
        charge_point.wait_transaction(1, "accepted");
        charge_point.kill();
        let path = scratch.path().join(record);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[4] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let mut charge_point = ChargePoint::start(&central, &scratch.option());
        charge_point.wait("error", |e| {
            let message = e["message"].as_str().unwrap();
            message.contains(&record[7..]) && message.contains("damaged")
        });
        charge_point.wait_transaction(1, "reported");
        assert_eq!(charge_point.end(), Some(0));
        let stops = charge_point.sent("StopTransaction");
        assert_eq!(stops.len(), 1);
        assert_eq!(stops[0]["reason"], "PowerLoss");
    }
}

#[test]
fn settings_of_its_own_are_told_changed_and_kept() {
    let central = central();
    let scratch = Scratch::new("own-settings");
    let directory = scratch.option();
    let mut options = vec!["--setting", "Fan=0..100:40", "--setting"];
    options.extend(["Pin=text..8,write-only,reboot:1234"]);
    options.extend(directory);
    let mut charge_point = ChargePoint::online(&central, &options);
    for (key, value, status) in [
        ("Fan", "55", "Accepted"),
        ("Fan", "101", "Rejected"),
        ("Pin", "4321", "RebootRequired"),
    ] {
        let change = json!({"key": key, "value": value});
        let answer = central.call(IDENTITY, "ChangeConfiguration", change, SOON);
        assert_eq!(answer.unwrap()["status"], status);
    }
    let told = charge_point.wait("config", |e| e["key"] == "Fan");
    assert_eq!(told["value"], "55");
    let told = charge_point.wait("config", |e| e["key"] == "Pin");
    assert_eq!(told["value"], "4321");
    charge_point.kill();

    let mut charge_point = ChargePoint::online(&central, &options);
    let asked = json!({"key": ["Fan", "Pin"]});
    let told = central.call(IDENTITY, "GetConfiguration", asked, SOON);
    assert_eq!(
        told.unwrap()["configurationKey"],
        json!([
            {"key": "Fan", "readonly": false, "value": "55"},
            {"key": "Pin", "readonly": false},
        ])
    );
    assert_eq!(charge_point.end(), Some(0));
}
