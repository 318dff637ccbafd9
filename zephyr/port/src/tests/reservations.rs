//! Reservations, as an application hears of them.

use super::*;

#[test]
fn the_application_hears_of_reservations_and_asks_for_them() {
    let _turn = Turn::online();
    let reserve = |connector: u8, id: i32, expires: &str| {
        let call = std::format!(
            r#"[2,"{id}","ReserveNow",{{"connectorId":{connector},"expiryDate":"{expires}","idTag":"DRIVER","parentIdTag":"GROUP","reservationId":{id}}}]"#
        );
        host::wire(|wire| wire.say(&call));
    };
    reserve(1, 7, "2099-01-01T00:00:00Z");
    let made = r#"reservation 1 7 Made Some("DRIVER")"#;
    assert!(APP.hears(made, PATIENCE));
    let expected = charge_point::Reservation {
        id: 7,
        id_tag: IdToken::try_from("DRIVER").unwrap(),
        parent: Some(IdToken::try_from("GROUP").unwrap()),
        expires: 4_070_908_800_000,
    };
    assert_eq!(charge_point::reservation(1), Ok(Some(expected)));
    for connector in [0, 2] {
        assert_eq!(charge_point::reservation(connector), Ok(None));
    }
    assert_eq!(charge_point::reservation(3), Err(Error::Invalid));
    let session = charge("DRIVER");
    assert!(APP.hears("reservation 1 7 Used None", PATIENCE));
    drop(session);
    // 08:00 is when the central system was asked for the time.
    reserve(2, 8, "2026-03-01T08:00:01Z");
    assert!(APP.hears("reservation 2 8 Expired None", PATIENCE));
    reserve(2, 9, "2099-01-01T00:00:00Z");
    assert!(APP.hears(r#"reservation 2 9 Made Some("DRIVER")"#, PATIENCE));
    host::wire(|wire| wire.say(r#"[2,"10","CancelReservation",{"reservationId":9}]"#));
    assert!(APP.hears("reservation 2 9 Cancelled None", PATIENCE));
}
