//! Reservations for all of a group (parentIdTag; OCPP 1.6, 5.13).

use super::*;

#[test]
fn a_group_may_use_it_as_the_central_system_knows_it() {
    let mut bench = Bench::new();
    reserve_for_group(&mut bench, 1, 7, "A", "GROUP");
    let info = |group: &str| json!({ "status": "Accepted", "parentIdTag": group });
    bench.know_tag("B", info("group"));
    bench.know_tag("C", info("OTHERS"));
    bench.plug(1);
    bench.forget();
    for other in ["C", "D"] {
        bench.tag(1, other);
        bench.expect_call("Authorize");
        bench.expect_no_call();
        assert!(turned_away(&bench, 1, other));
    }
    bench.tag(1, "B");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn a_group_may_use_it_as_list_and_cache_know_it() {
    let info = json!({ "status": "Accepted", "parentIdTag": "GROUP" });
    for is_listed in [true, false] {
        let mut bench = Bench::new();
        if is_listed {
            let update = json!({
                "listVersion": 1,
                "updateType": "Full",
                "localAuthorizationList": [{ "idTag": "B", "idTagInfo": info }],
            });
            assert_eq!(bench.status_of("SendLocalList", update), "Accepted");
        } else {
            bench.know_tag("B", info.clone());
            let _ = bench.input(Input::Authorize(&id_tag("B")));
        }
        reserve_for_group(&mut bench, 1, 7, "A", "GROUP");
        bench.disconnect();
        bench.plug(1);
        bench.tag(1, "B");
        assert!(bench.is_charging(1), "{is_listed}");
        bench.reconnect();
        bench.advance(SECOND);
        assert_eq!(started(&mut bench), 7, "{is_listed}");
    }
}

#[test]
fn a_list_knows_the_group_where_the_answer_does_not_say() {
    let mut bench = Bench::new();
    let info = json!({ "status": "Accepted", "parentIdTag": "GROUP" });
    let update = json!({
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [{ "idTag": "B", "idTagInfo": info }],
    });
    assert_eq!(bench.status_of("SendLocalList", update), "Accepted");
    reserve_for_group(&mut bench, 1, 7, "A", "GROUP");
    bench.plug(1);
    bench.tag(1, "B");
    assert_eq!(started(&mut bench), 7);
}

#[test]
fn remote_start_of_a_group_that_is_known() {
    let mut bench = Bench::new();
    bench.know_tag("B", json!({ "status": "Accepted", "parentIdTag": "GROUP" }));
    let _ = bench.input(Input::Authorize(&id_tag("B")));
    reserve_for_group(&mut bench, 1, 7, "A", "GROUP");
    assert_eq!(remote_start(&mut bench, Some(1), "C"), "Rejected");
    bench.plug(1);
    assert_eq!(remote_start(&mut bench, None, "B"), "Accepted");
    assert_eq!(started(&mut bench), 7);
}
