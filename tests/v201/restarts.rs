//! Why a station boots (B01.FR.09): what caused the restart survives it.

use ocpp::{
    domain::{BootReason, ResetType},
    station::{Input, Key},
    storage::RecordId,
};
use serde_json::json;

use crate::{
    bench,
    support::{Bench, Cut, HOUR, MINUTE, OnReset, SECOND, Setup},
};

/// The record of the boots: docs/storage.md.
const BOOT: RecordId = RecordId(0);

/// The reasons of all boots since it was asked last.
fn reasons(bench: &mut Bench) -> Vec<String> {
    let boots = bench.all_calls("BootNotification");
    let reasons = boots.iter().map(|boot| boot["reason"].as_str().unwrap());
    reasons.map(str::to_owned).collect()
}

fn reset(bench: &mut Bench, kind: &str) -> String {
    let status = bench.status_of("Reset", json!({ "type": kind }));
    bench.advance(MINUTE);
    status
}

#[test]
fn a_reset_from_afar() {
    for kind in ["Immediate", "OnIdle"] {
        let mut bench = bench();
        bench.forget();
        assert_eq!(reset(&mut bench, kind), "Accepted");
        assert_eq!(reasons(&mut bench), ["RemoteReset"]);
        let written = bench.disk.written();
        let lives = written.iter().filter(|written| written.id == BOOT);
        let lengths = lives.map(|written| written.record.as_ref().unwrap().len());
        assert_eq!(lengths.max(), Some(14));
        // It was told: the next boot has another reason.
        bench.power_loss();
        bench.advance(MINUTE);
        assert_eq!(reasons(&mut bench), ["PowerUp"]);
    }
}

#[test]
fn an_immediate_reset_in_a_transaction() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.forget();
    assert_eq!(reset(&mut bench, "Immediate"), "Accepted");
    assert_eq!(reasons(&mut bench), ["RemoteReset"]);
}

#[test]
fn a_reset_that_had_to_wait() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.forget();
    assert_eq!(reset(&mut bench, "OnIdle"), "Scheduled");
    bench.unplug(1);
    bench.advance(MINUTE);
    assert_eq!(reasons(&mut bench), ["ScheduledReset"]);
}

#[test]
fn power_that_is_lost_while_a_reset_waits() {
    let mut bench = bench();
    bench.charge(1, "TAG");
    bench.forget();
    assert_eq!(reset(&mut bench, "OnIdle"), "Scheduled");
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(reasons(&mut bench), ["PowerUp"]);
}

#[test]
fn a_reset_on_site() {
    let mut bench = bench();
    bench.forget();
    bench.input(Input::Reset(ResetType::Soft)).unwrap();
    bench.advance(MINUTE);
    assert_eq!(reasons(&mut bench), ["LocalReset"]);
}

#[test]
fn what_the_application_knows_better() {
    for (reason, name) in [
        (BootReason::Watchdog, "Watchdog"),
        (BootReason::FirmwareUpdate, "FirmwareUpdate"),
        (BootReason::ApplicationReset, "ApplicationReset"),
    ] {
        let mut bench = Bench::cold(Setup {
            boot_reason: Some(reason),
            ..crate::setup()
        });
        bench.advance(SECOND);
        assert_eq!(reasons(&mut bench), [name]);
    }
}

#[test]
fn a_reset_that_fails_is_no_reason() {
    let mut bench = bench();
    bench.on_reset = OnReset::Fail;
    bench.configure(Key::ResetRetries, "2");
    assert_eq!(reset(&mut bench, "Immediate"), "Accepted");
    assert_eq!(bench.resets.len(), 3);
    bench.forget();
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(reasons(&mut bench), ["PowerUp"]);
}

/// The time is kept once an hour, in the same record.
#[test]
fn a_reset_that_takes_long_stays_the_reason() {
    let mut bench = bench();
    bench.on_reset = OnReset::Wait;
    assert_eq!(reset(&mut bench, "Immediate"), "Accepted");
    bench.advance(3 * HOUR);
    bench.forget();
    bench.power_loss();
    bench.advance(MINUTE);
    assert_eq!(reasons(&mut bench), ["RemoteReset"]);
}

#[test]
fn every_boot_notification_of_a_boot_says_the_same() {
    let mut bench = bench();
    bench.register_with("Pending", 60);
    bench.forget();
    reset(&mut bench, "Immediate");
    bench.advance(2 * MINUTE);
    let told = reasons(&mut bench);
    assert!(told.len() > 1, "{told:?}");
    assert!(told.iter().all(|reason| reason == "RemoteReset"));
    let trigger = json!({ "requestedMessage": "BootNotification" });
    assert_eq!(bench.status_of("TriggerMessage", trigger), "Accepted");
    bench.advance(SECOND);
    assert_eq!(reasons(&mut bench), ["Triggered"]);
}

#[test]
fn a_storage_that_fails_holds_no_reset_up() {
    let mut bench = bench();
    bench.disk.fail(true);
    bench.forget();
    assert_eq!(reset(&mut bench, "Immediate"), "Accepted");
    assert_eq!(bench.resets.len(), 1);
    assert_eq!(reasons(&mut bench), ["PowerUp"]);
}

/// Records of another firmware: without a reason, and with one that is not known here.
#[test]
fn the_life_of_another_firmware() {
    let mut bench = bench();
    for (rest, reason) in [
        (vec![], "PowerUp"),
        (vec![99], "PowerUp"),
        (vec![8, 1], "Watchdog"),
    ] {
        let life = bench.disk.snapshot()[&BOOT].clone();
        let record = [life[..13].to_vec(), rest].concat();
        bench.disk.put(BOOT, &record);
        bench.forget();
        bench.power_loss();
        bench.advance(MINUTE);
        assert_eq!(reasons(&mut bench), [reason]);
    }
}

/// OCPP 1.6 has no field for it.
#[test]
fn nothing_is_kept_for_who_does_not_hear_it() {
    let mut bench = Bench::new();
    bench.on_reset = OnReset::Wait;
    let before = bench.disk.writes();
    assert_eq!(
        bench.status_of("Reset", json!({ "type": "Hard" })),
        "Accepted"
    );
    bench.advance(MINUTE);
    assert_eq!((bench.resets.len(), bench.disk.writes()), (1, before));
}

/// Power is cut at every byte of what a reset writes: the reason is told once, or power was it.
#[test]
fn power_cuts_in_a_reset() {
    let story = |cut: Option<Cut>| {
        let mut bench = bench();
        bench.forget();
        let before = bench.disk.writes();
        if let Some(cut) = cut {
            bench.disk.cut_from_here(cut);
        }
        bench.ask("Reset", json!({ "type": "OnIdle" }));
        bench.advance(HOUR / 2);
        let written = bench.disk.written().split_off(before);
        (bench, written)
    };
    let (mut bench, written) = story(None);
    assert_eq!(reasons(&mut bench), ["RemoteReset"]);
    let mut cuts = 0;
    for (write, written) in written.iter().enumerate() {
        for bytes in 0..=written.bytes {
            let (mut bench, _) = story(Some(Cut::Inside { write, bytes }));
            assert_eq!(bench.outages, 1);
            let told = reasons(&mut bench);
            let remote = told.iter().filter(|reason| *reason == "RemoteReset");
            assert!(remote.count() <= 1, "{write}, {bytes}: {told:?}");
            let known = ["RemoteReset", "PowerUp"];
            assert!(told.iter().all(|reason| known.contains(&reason.as_str())));
            assert!(bench.is_online() && !told.is_empty());
            bench.power_loss();
            bench.advance(MINUTE);
            assert_eq!(reasons(&mut bench), ["PowerUp"], "{write}, {bytes}");
            cuts += 1;
        }
    }
    assert!(cuts > 30, "{cuts}");
}
