//! Before the registration, while it is pending, and after it was withdrawn (OCPP 1.6, 4.2).

use serde_json::{Value, json};

use crate::support::{Bench, MINUTE, Reply, SECOND, Setup};

fn trigger(bench: &mut Bench, message: &str) -> String {
    let payload = json!({ "requestedMessage": message, "connectorId": 1 });
    bench.status_of("TriggerMessage", payload)
}

fn boot_answer(bench: &Bench, status: &str, interval: i64) -> Value {
    json!({ "status": status, "interval": interval, "currentTime": bench.utc() })
}

#[test]
fn a_status_asked_for_while_pending_does_not_replace_the_report_of_all_connectors() {
    let mut bench = Bench::cold(Setup::default());
    bench.register_with("Pending", 30);
    bench.advance(0);
    assert_eq!(trigger(&mut bench, "StatusNotification"), "Accepted");
    bench.advance(0);
    bench.expect_call("BootNotification");
    bench.expect_status(1, "Available");
    bench.expect_no_call();
    bench.register_with("Accepted", 300);
    bench.advance(30 * SECOND);
    bench.expect_boot();
    bench.expect_no_call();
}

#[test]
fn before_the_first_boot_answer_nothing_but_a_boot_notification_can_be_asked_for() {
    let mut bench = Bench::cold(Setup::default());
    bench.reply_always("BootNotification", Reply::Never);
    bench.advance(SECOND);
    let others = ["MeterValues", "StatusNotification", "Heartbeat"];
    for message in others {
        assert_eq!(trigger(&mut bench, message), "Rejected", "{message}");
    }
    // Also when that one has timed out and nothing is on its way.
    bench.advance(30 * SECOND);
    for message in others {
        assert_eq!(trigger(&mut bench, message), "Rejected", "{message}");
    }
    assert_eq!(bench.actions(), ["BootNotification"]);
    bench.reply_normally("BootNotification");
    assert_eq!(trigger(&mut bench, "BootNotification"), "Accepted");
    bench.advance(0);
    bench.expect_boot();
    bench.advance(MINUTE);
    bench.expect_no_call();
}

#[test]
fn a_registration_that_is_withdrawn_silences_the_charge_point_until_it_is_accepted_again() {
    for status in ["Pending", "Rejected"] {
        let mut bench = Bench::new();
        // Once accepted, it can be asked for again on another connection only.
        bench.cut();
        bench.advance(MINUTE);
        bench.forget();
        let answer = boot_answer(&bench, status, 600);
        let answer = Reply::Result(answer).after(2 * SECOND);
        bench.reply_once("BootNotification", answer);
        trigger(&mut bench, "BootNotification");
        bench.advance(0);
        bench.expect_call("BootNotification");
        // It is put on its way, and has not gone out yet.
        bench.plug(1);
        bench.advance(10 * SECOND);
        bench.plug(2);
        bench.advance(580 * SECOND);
        bench.expect_no_call();
        bench.advance(20 * SECOND);
        bench.expect_call("BootNotification");
        let expected = ["Available", "Finishing", "Finishing"];
        for (connector, status) in (0..).zip(expected) {
            bench.expect_status(connector, status);
        }
        bench.expect_no_call();
    }
}
