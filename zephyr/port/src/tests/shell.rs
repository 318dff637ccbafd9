//! The shell's commands of the feature profiles.

use core::ffi::{c_char, c_int, c_void};

use super::*;
use crate::shell::{ocpp_port_shell_list, ocpp_port_shell_profiles, ocpp_port_shell_reservations};

type Command = unsafe extern "C" fn(*const c_void, usize, *const *const c_char) -> c_int;

fn run(command: Command) -> (c_int, String) {
    let arguments = [c"command".as_ptr()];
    // SAFETY: the shell is not looked at, and there is one argument.
    let returned = unsafe { command(core::ptr::null(), 1, arguments.as_ptr()) };
    (returned, host::printed())
}

fn prints(command: Command, expected: &str) {
    assert_eq!(run(command), (0, expected.into()));
}

/// The central system asks for something, which is done.
fn ask(action: &str, payload: &str) {
    let before = host::wire(|wire| wire.results.len());
    host::wire(|wire| wire.say(&std::format!(r#"[2,"{action}","{action}",{payload}]"#)));
    let answered = || host::wire(|wire| wire.results.len() > before);
    assert!(wait_until(answered, PATIENCE));
    let answer = host::wire(|wire| wire.results.last().cloned()).unwrap();
    assert!(answer.contains("Accepted"), "{action}: {answer}");
}

#[test]
fn the_shell_shows_the_local_list() {
    let _turn = Turn::online();
    let most = ocpp::limits::LOCAL_LIST_ENTRIES;
    let empty = std::format!("version         0\nentries         0 of {most}\n");
    prints(ocpp_port_shell_list, &empty);
    ask(
        "SendLocalList",
        r#"{"listVersion":7,"updateType":"Full","localAuthorizationList":[
            {"idTag":"ONE","idTagInfo":{"status":"Accepted"}},
            {"idTag":"T\u001bO","idTagInfo":{"status":"Blocked","parentIdTag":"GROUP",
             "expiryDate":"2027-03-01T08:00:00.500Z"}}]}"#,
    );
    let full = std::format!(
        "version         7\nentries         2 of {most}\nONE, Accepted\n\
         T?O, Blocked, of the group GROUP, until 2027-03-01T08:00:00Z\n"
    );
    prints(ocpp_port_shell_list, &full);
    ask(
        "ChangeConfiguration",
        r#"{"key":"LocalAuthListEnabled","value":"false"}"#,
    );
    assert!(
        run(ocpp_port_shell_list)
            .1
            .starts_with("version         -1, switched off by")
    );
}

#[test]
fn the_shell_shows_reservations() {
    let _turn = Turn::online();
    prints(ocpp_port_shell_reservations, "no reservations\n");
    ask(
        "ReserveNow",
        r#"{"connectorId":2,"expiryDate":"2099-03-01T09:00:00Z","idTag":"DRIVER","parentIdTag":"GROUP","reservationId":7}"#,
    );
    prints(
        ocpp_port_shell_reservations,
        "2   reservation 7, DRIVER and the group GROUP, until 2099-03-01T09:00:00Z\n",
    );
    ask("CancelReservation", r#"{"reservationId":7}"#);
    prints(ocpp_port_shell_reservations, "no reservations\n");
}

#[test]
fn the_shell_shows_charging_profiles_and_limits() {
    let _turn = Turn::online();
    let none = "no charging profiles\ntogether        no limit\nconnector 1     no limit\nconnector 2     no limit\n";
    prints(ocpp_port_shell_profiles, none);
    for (id, purpose, connector, limit) in [
        (3, "TxDefaultProfile", 1, "16.5"),
        (4, "ChargePointMaxProfile", 0, "25"),
    ] {
        let profile = std::format!(
            r#"{{"connectorId":{connector},"csChargingProfiles":{{"chargingProfileId":{id},"stackLevel":{id},
                "chargingProfilePurpose":"{purpose}","chargingProfileKind":"Absolute","chargingSchedule":
                {{"chargingRateUnit":"A","startSchedule":"2026-01-01T00:00:00Z",
                "chargingSchedulePeriod":[{{"startPeriod":0,"limit":{limit}}}]}}}}}}"#
        );
        ask("SetChargingProfile", &profile);
    }
    let (returned, shown) = run(ocpp_port_shell_profiles);
    assert_eq!(returned, 0);
    let expected = "profile         4, ChargePointMaxProfile, connector 0, stack level 4\n\
                    profile         3, TxDefaultProfile, connector 1, stack level 3\n\
                    together        25 A, 17250 W, 3 phases\n\
                    connector 1     16.5 A, 11385 W, 3 phases\n\
                    connector 2     25 A, 17250 W, 3 phases\n";
    assert_eq!(shown, expected);
    ask("ClearChargingProfile", "{}");
    prints(ocpp_port_shell_profiles, none);
}

#[test]
fn commands_say_that_the_charge_point_does_not_run() {
    let _turn = Turn::take();
    for command in [
        ocpp_port_shell_list as Command,
        ocpp_port_shell_reservations,
        ocpp_port_shell_profiles,
    ] {
        let (returned, said) = run(command);
        assert!(returned < 0);
        assert_eq!(said, "the charge point does not run\n");
    }
}
