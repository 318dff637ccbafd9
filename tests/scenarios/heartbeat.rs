//! Heartbeat (OCPP 1.6, 4.6) and the time it brings.

use serde_json::json;

use crate::support::{Bench, HOUR, MINUTE, Reply, SECOND};

#[test]
fn a_heartbeat_follows_every_interval_of_silence() {
    let mut bench = Bench::new();
    bench.advance(300 * SECOND - 1);
    bench.expect_no_call();
    bench.advance(1);
    assert_eq!(bench.expect_call("Heartbeat"), json!({}));
    bench.advance(900 * SECOND);
    assert_eq!(bench.actions(), ["Heartbeat"; 3]);
}

#[test]
fn other_messages_take_the_place_of_a_heartbeat() {
    let mut bench = Bench::new();
    bench.advance(200 * SECOND);
    bench.plug(1);
    bench.expect_status(1, "Preparing");
    bench.unplug(1);
    bench.expect_status(1, "Available");
    bench.advance(299 * SECOND);
    bench.expect_no_call();
    bench.advance(SECOND);
    bench.expect_call("Heartbeat");
}

#[test]
fn a_new_interval_counts_at_once() {
    let mut bench = Bench::new();
    bench.set("HeartbeatInterval", "20");
    bench.advance(MINUTE);
    assert_eq!(bench.actions(), ["Heartbeat"; 3]);
    bench.set("HeartbeatInterval", "3600");
    bench.advance(59 * MINUTE);
    bench.expect_no_call();
    bench.advance(2 * MINUTE);
    bench.expect_call("Heartbeat");
}

#[test]
fn the_answer_sets_the_clock() {
    let mut bench = Bench::new();
    let time = json!({ "currentTime": "2030-05-05T05:05:05.500+02:00" });
    bench.reply_once("Heartbeat", Reply::Result(time));
    bench.advance(300 * SECOND);
    bench.expect_call("Heartbeat");
    bench.advance(10 * SECOND);
    bench.plug(1);
    let status = bench.expect_status(1, "Preparing");
    assert_eq!(status["timestamp"], "2030-05-05T03:05:15.500Z");
}

#[test]
fn an_answer_without_a_usable_time_changes_nothing() {
    for answer in [
        json!({}),
        json!({ "currentTime": 5 }),
        json!({ "currentTime": "soon" }),
    ] {
        let mut bench = Bench::new();
        bench.reply_once("Heartbeat", Reply::Result(answer));
        bench.advance(301 * SECOND);
        bench.expect_call("Heartbeat");
        bench.plug(1);
        let status = bench.expect_status(1, "Preparing");
        assert_eq!(status["timestamp"], bench.utc());
    }
}

#[test]
fn heartbeats_that_fail_come_no_faster() {
    for reply in [Reply::Never, Reply::Error("GenericError")] {
        let mut bench = Bench::new();
        bench.reply_always("Heartbeat", reply);
        bench.advance(HOUR);
        let heartbeats = bench.all_sent("Heartbeat").len();
        assert!((9..=12).contains(&heartbeats), "{heartbeats}");
    }
}

#[test]
fn no_heartbeat_without_a_connection() {
    let mut bench = Bench::new();
    bench.disconnect();
    bench.advance(HOUR);
    bench.expect_no_call();
    bench.reconnect();
    bench.advance(300 * SECOND);
    assert_eq!(bench.actions(), ["Heartbeat"]);
}

#[test]
fn the_clock_is_checked_once_a_day_whatever_the_interval() {
    let mut bench = Bench::new();
    bench.set("HeartbeatInterval", "1000000");
    bench.advance(25 * HOUR);
    assert_eq!(bench.actions(), ["Heartbeat"]);
}

#[test]
fn the_clock_is_checked_once_a_day_though_other_messages_are_sent() {
    let mut bench = Bench::new();
    bench.set("MeterValueSampleInterval", "60");
    bench.charge(1, "TAG");
    bench.advance(25 * HOUR);
    let heartbeats = bench.all_sent("Heartbeat").len();
    assert!((1..=2).contains(&heartbeats), "{heartbeats}");
}
