//! The C API, with the callbacks of an application in C, which write down what they are called for.

use core::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
};

use super::*;
use crate::api::*;

unsafe extern "C" fn notified(
    reason: ocpp_notify_reason,
    io: *mut ocpp_io_value,
    user_data: *mut c_void,
) -> c_int {
    assert_eq!(user_data.addr(), 7);
    // SAFETY: the member of the reason is valid, and its text ends with a zero.
    APP.note(unsafe {
        match reason {
            ocpp_notify_reason::OCPP_USR_GET_METER_VALUE => return -1,
            ocpp_notify_reason::OCPP_USR_START_CHARGING => {
                let start = &(*io).start_charge;
                let id_tag = CStr::from_ptr(start.idtag.as_ptr());
                std::format!("start {} {}", start.id_con, id_tag.to_str().unwrap())
            }
            ocpp_notify_reason::OCPP_USR_STOP_CHARGING => {
                std::format!("stop {}", (*io).stop_charge.id_con)
            }
            ocpp_notify_reason::OCPP_USR_UNLOCK_CONNECTOR => {
                std::format!("unlock {}", (*io).unlock_con.id_con)
            }
        }
    });
    0
}

unsafe extern "C" fn happened(
    event: ocpp_event,
    value: *mut ocpp_event_value,
    user_data: *mut c_void,
) -> c_int {
    assert_eq!(user_data.addr(), 8);
    // SAFETY: the member of the event is valid, its texts end with a zero, and the answer has
    // room for as many bytes as it says.
    APP.note(unsafe {
        match event {
            ocpp_event::OCPP_EVENT_CHARGING_LIMIT => {
                let limit = (*value).charging_limit;
                std::format!("limit {} {}", limit.id_con, limit.limit)
            }
            ocpp_event::OCPP_EVENT_RESET => std::format!("reset {}", (*value).reset.hard),
            ocpp_event::OCPP_EVENT_DATA_TRANSFER => {
                let transfer = (*value).data_transfer;
                assert_eq!(transfer.answer_size, ocpp::limits::DATA_LENGTH + 1);
                assert_eq!(CStr::from_ptr(transfer.vendor_id), c"org.example");
                let payload = CStr::from_ptr(transfer.payload).to_str().unwrap();
                let answer = c"heard";
                transfer
                    .answer
                    .copy_from(answer.as_ptr(), answer.count_bytes());
                std::format!("data {} {payload}", transfer.message_id.is_null())
            }
            ocpp_event::OCPP_EVENT_SETTING_CHANGED | ocpp_event::OCPP_EVENT_INSTALL_FIRMWARE => {
                return Error::NotSupported.number();
            }
            ocpp_event::OCPP_EVENT_RESERVATION => {
                let changed = (*value).reservation_changed;
                std::format!(
                    "reservation {} {} {:?}",
                    changed.id_con,
                    changed.id,
                    changed.state
                )
            }
        }
    });
    0
}

unsafe extern "C" fn read(
    connector: c_int,
    mes: ocpp_meter_measurand,
    phase: ocpp_phase,
    val: *mut c_char,
    size: usize,
    user_data: *mut c_void,
) -> c_int {
    assert_eq!((user_data.addr(), size), (9, CISTR50));
    let text = match (connector, mes, phase) {
        (1 | 2, ocpp_meter_measurand::OCPP_OMM_ACTIVE_ENERGY_TO_EV, _) => c"5.5",
        (1 | 2, ocpp_meter_measurand::OCPP_OMM_VOLTAGE_AC_RMS, ocpp_phase::OCPP_PHASE_L2) => {
            c"229.95"
        }
        _ => return -1,
    };
    // SAFETY: the caller gives room for `size` bytes, which are more than these.
    unsafe { val.copy_from(text.as_ptr(), text.count_bytes() + 1) };
    0
}

fn user_data(number: usize) -> *mut c_void {
    ptr::without_provenance_mut(number)
}

#[test]
fn an_application_in_c_is_called_by_its_callbacks() {
    let _turn = Turn::take();
    let measured = [ocpp_measured {
        mes: ocpp_meter_measurand::OCPP_OMM_VOLTAGE_AC_RMS as c_int,
        phase: ocpp_phase::OCPP_PHASE_L2 as c_int,
    }];
    let text = |text: &CStr| text.as_ptr().cast_mut();
    let mut charge_point = ocpp_cp_info {
        model: text(c"port"),
        vendor: text(c"tests"),
        num_of_con: 2,
        sl_no: ptr::null_mut(),
        box_sl_no: ptr::null_mut(),
        fw_ver: ptr::null_mut(),
        iccid: ptr::null_mut(),
        imsi: ptr::null_mut(),
        meter_sl_no: ptr::null_mut(),
        meter_type: ptr::null_mut(),
    };
    let mut central_system = ocpp_cs_info {
        cs_ip: text(c"host"),
        ws_url: text(c"/CP1"),
        port: 1,
        sa_family: 0,
        #[cfg(feature = "tls")]
        creds: ocpp_tls_credentials {
            sec_tag_list: ptr::null(),
            tls_hostname: ptr::null_mut(),
            sec_tag_list_size: 0,
            tls_hostname_size: 0,
        },
        #[cfg(feature = "basic-auth")]
        basic_auth: ocpp_basic_auth {
            username: ptr::null(),
            password: ptr::null(),
            password_len: 0,
        },
    };
    host::wire(|wire| {
        wire.is_listening = true;
        wire.answers = ANSWERS.into();
    });
    assert_eq!(ocpp_set_event_callback(Some(happened), user_data(8)), 0);
    // SAFETY: structures, texts and callbacks are as the API wants them.
    unsafe {
        let (declared, count) = (measured.as_ptr(), measured.len());
        let done = ocpp_declare_measurands(declared, count, Some(read), user_data(9));
        assert_eq!(done, 0);
        let (cpi, csi) = (&raw mut charge_point, &raw mut central_system);
        assert_eq!(
            ocpp_init(cpi, csi, None, user_data(7)),
            Error::Invalid.number()
        );
        assert_eq!(ocpp_init(cpi, csi, Some(notified), user_data(7)), 0);
        // Nothing of it changes while the charge point runs.
        let done = ocpp_declare_measurands(ptr::null(), 0, None, user_data(9));
        assert_eq!(done, Error::Invalid.number());
    }
    assert_eq!(
        ocpp_set_event_callback(None, user_data(8)),
        Error::InUse.number()
    );
    let is_online = || ocpp_connection_state() == ocpp_connection_state::OCPP_CONNECTION_ONLINE;
    assert!(wait_until(is_online, PATIENCE));

    // At connector 2, because what another test has left there may still end at connector 1.
    let call = |text: &str| host::wire(|wire| wire.say(text));
    call(r#"[2,"1","ChangeConfiguration",{"key":"MeterValuesSampledData","value":"Voltage.L2"}]"#);
    call(r#"[2,"2","TriggerMessage",{"requestedMessage":"MeterValues","connectorId":2}]"#);
    let expect = |text: &str| {
        let is_sent = || host::wire(|wire| wire.frames.iter().any(|frame| frame.contains(text)));
        let frames = || host::wire(|wire| wire.frames.clone());
        assert!(wait_until(is_sent, PATIENCE), "{text}: {:?}", frames());
    };
    expect(r#""value":"229.95""#);
    call(r#"[2,"3","RemoteStartTransaction",{"connectorId":2,"idTag":"DRIVER"}]"#);
    assert!(APP.hears("start 2 DRIVER", PATIENCE));
    assert_eq!(ocpp_set_plugged(2, true), 0);
    assert!(APP.hears("limit 2 2147483647", PATIENCE));
    expect(r#""meterStart":6"#);
    call(r#"[2,"4","RemoteStopTransaction",{"transactionId":1}]"#);
    assert!(APP.hears("limit 2 0", PATIENCE));
    assert!(APP.hears("stop 2", PATIENCE));
    call(r#"[2,"5","UnlockConnector",{"connectorId":1}]"#);
    assert!(APP.hears("unlock 1", PATIENCE));
    // One CALL at a time can wait for the application.
    expect(r#"[3,"5",{"status":"Unlocked"}]"#);
    call(r#"[2,"6","DataTransfer",{"vendorId":"org.example","data":"you"}]"#);
    assert!(APP.hears("data true you", PATIENCE));
    let answer = r#"[3,"6",{"status":"Accepted","data":"heard"}]"#;
    expect(answer);
    #[cfg(feature = "reservation")]
    {
        let reserve = r#"{"connectorId":1,"expiryDate":"2099-01-01T00:00:00Z","idTag":"RESERVED","reservationId":7}"#;
        call(&std::format!(r#"[2,"7","ReserveNow",{reserve}]"#));
        assert!(APP.hears("reservation 1 7 OCPP_RESERVATION_MADE", PATIENCE));
    }
    // SAFETY: all zeros are one, and there is room for it.
    unsafe {
        let mut reservation: ocpp_reservation = core::mem::zeroed();
        let there = ocpp_get_reservation(1, &mut reservation);
        if cfg!(feature = "reservation") {
            assert_eq!((there, reservation.id), (0, 7));
            let id_tag = CStr::from_ptr(reservation.idtag.as_ptr());
            assert_eq!(id_tag, c"RESERVED");
            assert_eq!(reservation.parent_idtag[0], 0);
            assert_eq!(reservation.expires_ms, 4_070_908_800_000);
            let none = ocpp_get_reservation(0, &mut reservation);
            assert_eq!(none, Error::NotNow.number());
            for (connector, place) in [(3, &raw mut reservation), (1, ptr::null_mut())] {
                let wrong = ocpp_get_reservation(connector, place);
                assert_eq!(wrong, Error::Invalid.number());
            }
        } else {
            assert_eq!(there, Error::NotSupported.number());
        }
    }
    assert_eq!(ocpp_request_reset(false), 0);
    assert!(APP.hears("reset false", PATIENCE));
    assert_eq!(ocpp_deinit(), 0);
    // SAFETY: null and nothing are allowed.
    let undeclared = unsafe { ocpp_declare_measurands(ptr::null(), 0, None, user_data(9)) };
    assert_eq!(undeclared, 0);
    assert_eq!(ocpp_set_event_callback(None, ptr::null_mut()), 0);
}
