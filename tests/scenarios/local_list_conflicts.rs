//! Where the central system contradicts the local authorization list (OCPP 1.6, 3.5.3): LocalListConflict.

use ocpp::domain::AuthorizationStatus::{Accepted, Blocked};
use serde_json::Value;

use crate::local_list::{conflicts, decide, full, good, listed, offline, pre_authorizing};
use crate::support::{Bench, MINUTE, Reply, SECOND, id_tag_info};

#[test]
fn the_central_system_is_told_where_it_contradicts_the_list() {
    let mut bench = pre_authorizing();
    full(
        &mut bench,
        1,
        &[good("A"), listed("B", id_tag_info("Blocked"))],
    );
    bench.know_tag("A", id_tag_info("Invalid"));
    bench.forget();
    bench.plug(1);
    bench.tag(1, "A");
    bench.advance(SECOND);
    let told = conflicts(&mut bench);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["connectorId"], 0);
    assert_eq!(told[0]["status"], "Available");
    // Whatever is asked, and the other way round.
    assert_eq!(decide(&mut bench, "B"), (Accepted, true));
    assert_eq!(conflicts(&mut bench).len(), 1);
    // The list stays as it is.
    assert_eq!(offline(&mut bench, "A"), Some(Accepted));
    assert_eq!(offline(&mut bench, "B"), Some(Blocked));
}

#[test]
fn what_agrees_with_the_list_is_no_conflict() {
    let mut bench = Bench::new();
    let list = [
        good("A"),
        listed("B", id_tag_info("Blocked")),
        listed("C", id_tag_info("ConcurrentTx")),
    ];
    full(&mut bench, 1, &list);
    // 7.2 AuthorizationStatus: who charges elsewhere is valid; and who may not, may not, for whatever reason.
    bench.know_tag("A", id_tag_info("ConcurrentTx"));
    bench.know_tag("B", id_tag_info("Invalid"));
    for tag in ["A", "B", "C", "UNKNOWN"] {
        decide(&mut bench, tag);
        assert_eq!(conflicts(&mut bench), Vec::<Value>::new(), "{tag}");
    }
    bench.start(1, "A");
    bench.advance(SECOND);
    assert_eq!(conflicts(&mut bench), Vec::<Value>::new());
}

#[test]
fn a_conflict_that_the_connection_swallowed_is_told_again() {
    let mut bench = Bench::new();
    full(&mut bench, 1, &[listed("A", id_tag_info("Blocked"))]);
    bench.reply_once("StatusNotification", Reply::Cut);
    decide(&mut bench, "A");
    bench.reconnect();
    bench.advance(SECOND);
    assert_eq!(conflicts(&mut bench).len(), 2);
    bench.cut();
    bench.reconnect();
    bench.advance(SECOND);
    assert_eq!(conflicts(&mut bench).len(), 0);
}

#[test]
fn a_conflict_without_an_answer_is_told_again() {
    let mut bench = Bench::new();
    full(&mut bench, 1, &[listed("A", id_tag_info("Blocked"))]);
    bench.reply_once("StatusNotification", Reply::Never);
    decide(&mut bench, "A");
    bench.advance(MINUTE);
    assert_eq!(conflicts(&mut bench).len(), 2);
    bench.advance(5 * MINUTE);
    assert_eq!(conflicts(&mut bench).len(), 0);
}

#[test]
fn a_conflict_is_no_condition_of_the_charge_point() {
    let mut bench = Bench::new();
    full(&mut bench, 1, &[listed("A", id_tag_info("Blocked"))]);
    decide(&mut bench, "A");
    assert_eq!(conflicts(&mut bench).len(), 1);
    // A reconnection reports what has changed: nothing.
    bench.cut();
    bench.reconnect();
    bench.advance(SECOND);
    bench.expect_no_call();
}
