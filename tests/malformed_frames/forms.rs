//! Frames that are no frames of OCPP-J, or ask for what there is not.

use ocpp::wire::frame::Dropped::{BadAnswer, NoId, NotJson, UnknownType};

use crate::run::{
    Case,
    Outcome::{Dropped, Error, Result},
};

pub fn not_json() -> Vec<Case> {
    let frames = [
        "",
        " ",
        "\n\t\r ",
        "hello",
        "null",
        "true",
        "5",
        "\"text\"",
        r#""[2,\"m\",\"Reset\",{\"type\":\"Hard\"}]""#,
        "{}",
        r#"{"2":"m","Reset":{"type":"Hard"}}"#,
        "[",
        "]",
        "[2",
        "[2,",
        r#"[2,"m"#,
        r#"[2,"m","Reset",{"type":"Hard"}"#,
        r#"[2,"m","Reset",{"type":"Hard"]"#,
        r#"[2,"m","Reset",{"type":"Hard"}}"#,
        r#"[2,"m","Reset",{"type":"Hard"}]x"#,
        r#"[2,"m","Reset",{"type":"Hard"}],"#,
        r#"[2,"m","Reset",{"type":"Hard"}]]"#,
        r#"[2,"m","Reset",{"type":"Hard"}][2,"n","Reset",{"type":"Hard"}]"#,
        r#"[2,"m","Reset",{"type":"Hard"},]"#,
        r#"[2,"m","Reset" {"type":"Hard"}]"#,
        r#"[2 "m","Reset",{"type":"Hard"}]"#,
        r#"[2,,"m","Reset",{"type":"Hard"}]"#,
        r#"[,2,"m","Reset",{"type":"Hard"}]"#,
        r#"['2','m','Reset',{'type':'Hard'}]"#,
        r#"[2,"m",Reset,{"type":"Hard"}]"#,
        r#"[2,"m","Reset",{type:"Hard"}]"#,
        r#"[2,"m","Reset",{"type":Hard}]"#,
        r#"[2,"m","Reset",{"type" "Hard"}]"#,
        r#"[2,"m","Reset",{"type":"Hard",}]"#,
        r#"[2,"m","Reset",{"type":}]"#,
        r#"[2,"m","Reset",{"type"}]"#,
        r#"[2,"m","Reset",{5:"Hard"}]"#,
        r#"[2,"m","Reset",{"type":"Hard\x"}]"#,
        r#"[2,"m","Reset",{"type":"\u12g4"}]"#,
        r#"[2,"m","Reset",{"type":"\u12"}]"#,
        "[2,\"m\",\"Reset\",{\"type\":\"Ha\nrd\"}]",
        "[2,\"m\",\"Reset\",{\"type\":\"Hard\0\"}]",
        r#"[2,"m","UnlockConnector",{"connectorId":01}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":+1}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":1.}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":.5}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":1e}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":0x1}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":NaN}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":-Infinity}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":tru}]"#,
        r#"[2,"m","UnlockConnector",{"connectorId":undefined}]"#,
        r#"[2,"m","Reset",{"type":"Hard"}] // please"#,
        r#"[2,"m",/* now */"Reset",{"type":"Hard"}]"#,
        "\u{feff}[2,\"m\",\"Reset\",{\"type\":\"Hard\"}]",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "<call id=\"m\"/>",
    ];
    frames
        .map(|frame| Case::new(frame, Dropped(NotJson)))
        .to_vec()
}

pub fn not_utf_8() -> Vec<Case> {
    let broken: [&[u8]; 9] = [
        b"\xff",
        b"\xfe\xff",
        b"\x80",
        // Latin-1
        b"caf\xe9",
        // cut off
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        // overlong
        b"\xc0\x80",
        // a surrogate
        b"\xed\xa0\x80",
        // above U+10FFFF
        b"\xf4\x90\x80\x80",
    ];
    let mut cases = Vec::new();
    for bytes in broken {
        let frames = [
            [
                b"[2,\"m\",\"DataTransfer\",{\"vendorId\":\"",
                bytes,
                b"\"}]",
            ]
            .concat(),
            [b"[2,\"m", bytes, b"\",\"Reset\",{\"type\":\"Hard\"}]"].concat(),
            [b"[2,\"m\",\"Reset\",{\"type\":\"Hard\"}]", bytes].concat(),
        ];
        cases.extend(frames.map(|frame| Case::new(frame, Dropped(NotJson))));
    }
    let utf_16 = r#"[2,"m","Reset",{"type":"Hard"}]"#.encode_utf16();
    let utf_16: Vec<u8> = utf_16.flat_map(u16::to_le_bytes).collect();
    cases.push(Case::new(utf_16, Dropped(NotJson)));
    cases
}

pub fn wrong_form() -> Vec<Case> {
    let rests = [
        "",
        r#","Reset""#,
        r#",{"type":"Hard"}"#,
        r#",{"type":"Hard"},"Reset""#,
        r#",5,{"type":"Hard"}"#,
        r#",null,{"type":"Hard"}"#,
        r#",true,{"type":"Hard"}"#,
        r#",["Reset"],{"type":"Hard"}"#,
        r#",{"action":"Reset"},{"type":"Hard"}"#,
        r#","Reset",true"#,
        r#","Reset",5"#,
        r#","Reset","Hard""#,
        r#","Reset",["Hard"]"#,
        r#","Reset",[{"type":"Hard"}]"#,
        r#","ClearCache",[null]"#,
        r#","ClearCache",false"#,
        r#","Reset",{"type":"Hard"},{}"#,
        r#","Reset",{"type":"Hard"},null"#,
        r#","Reset",{"type":"Hard"},1,2,3,4,5,6,7,8,9"#,
        r#","Unheard","of""#,
    ];
    let frames = rests.map(|rest| format!(r#"[2,"m"{rest}]"#));
    frames
        .map(|frame| Case::new(frame, Error("FormationViolation")))
        .to_vec()
}

/// No payload at all has no fields.
pub fn no_payload() -> Vec<Case> {
    let mut cases = Vec::new();
    for payload in ["null", "[]", " [ ] "] {
        for (action, outcome) in [
            ("Reset", Error("ProtocolError")),
            ("UnlockConnector", Error("ProtocolError")),
            ("DataTransfer", Error("ProtocolError")),
            ("GetConfiguration", Result(None)),
            ("Unheard", Error("NotImplemented")),
            ("InstallCertificate", Error("NotSupported")),
        ] {
            let frame = format!(r#"[2,"m","{action}",{payload}]"#);
            cases.push(Case::new(frame, outcome));
        }
    }
    cases
}

pub fn unknown_type() -> Vec<Case> {
    let kinds = [
        "0",
        "1",
        "5",
        "6",
        "99",
        "-2",
        "2.5",
        "2.0",
        "2e0",
        "\"2\"",
        "true",
        "null",
        "{}",
        "[2]",
        "258",
        "65538",
        "4294967298",
        "18446744073709551618",
        "\"CALL\"",
    ];
    let frames = kinds.map(|kind| format!(r#"[{kind},"m","Reset",{{"type":"Hard"}}]"#));
    let mut cases = frames
        .map(|frame| Case::new(frame, Dropped(UnknownType)))
        .to_vec();
    for frame in [
        "[]",
        "[[]]",
        "[{}]",
        r#"[[2,"m","Reset",{"type":"Hard"}]]"#,
        r#"["m",2]"#,
    ] {
        cases.push(Case::new(frame, Dropped(UnknownType)));
    }
    cases
}

pub fn ids() -> Vec<Case> {
    let too_long = "1".repeat(37);
    let none = ["null", "true", "{}", "[\"m\"]", &too_long];
    let frames = none.map(|id| format!(r#"[2,{id},"Reset",{{"type":"Hard"}}]"#));
    let mut cases = frames.map(|frame| Case::new(frame, Dropped(NoId))).to_vec();
    cases.push(Case::new("[2]", Dropped(NoId)));
    for kind in [3, 4] {
        cases.push(Case::new(format!("[{kind}]"), Dropped(NoId)));
        cases.push(Case::new(format!("[{kind},7,{{}}]"), Dropped(NoId)));
    }
    cases.push(Case::new(r#"[4,"m"]"#, Dropped(BadAnswer)));
    for number in [
        "5",
        "0",
        "-7",
        "1.5",
        "1e3",
        "9007199254740993",
        "18446744073709551615",
    ] {
        let ask = format!(r#"[2,{number},"GetConfiguration",{{"key":["BlinkRepeat"]}}]"#);
        cases.push(Case::new(ask, Result(None)));
        let bad = format!("[2,{number},\"Reset\"]");
        cases.push(Case::new(bad, Error("FormationViolation")));
    }
    for (id, outcome) in [
        ("i".repeat(36), Result(None)),
        ("é".repeat(36), Result(None)),
        (r"\u00e9".repeat(36), Result(None)),
        ("i".repeat(37), Error("FormationViolation")),
        ("é".repeat(37), Error("FormationViolation")),
        ("i".repeat(5_000), Error("FormationViolation")),
    ] {
        let ask = format!(r#"[2,"{id}","GetConfiguration",{{"key":["BlinkRepeat"]}}]"#);
        cases.push(Case {
            id: id.replace(r"\u00e9", "é"),
            ..Case::new(ask, outcome)
        });
    }
    cases
}

pub fn unknown_action() -> Vec<Case> {
    let long = "Reset".repeat(500);
    let names = [
        "Unheard",
        "",
        " ",
        "reset",
        "RESET",
        "Reset ",
        " Reset",
        "Resett",
        "Rese",
        "é",
        "Reset.req",
        "ResetRequest",
        "SetVariables",
        "GetVariables",
        "RequestStartTransaction",
        "GetBaseReport",
        "TransactionEvent",
        "null",
        "constructor",
        "__proto__",
        &long,
    ];
    let frames = names.map(|name| format!(r#"[2,"m","{name}",{{"type":"Hard"}}]"#));
    frames
        .map(|frame| Case::new(frame, Error("NotImplemented")))
        .to_vec()
}

pub fn absent_profile() -> Vec<Case> {
    let firmware: &[_] = match cfg!(feature = "firmware-management") {
        true => &[],
        false => &["GetDiagnostics", "UpdateFirmware"],
    };
    let security = [
        "CertificateSigned",
        "DeleteCertificate",
        #[cfg(not(feature = "security"))]
        "ExtendedTriggerMessage",
        "GetInstalledCertificateIds",
        #[cfg(not(feature = "security"))]
        "GetLog",
        "InstallCertificate",
        #[cfg(not(feature = "security"))]
        "SignedUpdateFirmware",
    ];
    // Only a central system carries these out.
    let other_side = [
        "Authorize",
        "BootNotification",
        "Heartbeat",
        "MeterValues",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
    ];
    let groups: [&[&str]; 3] = [firmware, &security, &other_side];
    let names = groups.concat().into_iter();
    let frames = names.map(|name| format!(r#"[2,"m","{name}",{{}}]"#));
    frames
        .map(|frame| Case::new(frame, Error("NotSupported")))
        .collect()
}

pub fn escapes() -> Vec<Case> {
    let property = Error("PropertyConstraintViolation");
    let ask = |payload: &str| format!(r#"[2,"m","GetConfiguration",{payload}]"#);
    // Connector 1 is charging.
    let start = |tag: &str| {
        format!(r#"[2,"m","RemoteStartTransaction",{{"connectorId":1,"idTag":"{tag}"}}]"#)
    };
    vec![
        Case::new(ask(r#"{"key":["\u0042link\u0052epeat"]}"#), Result(None)),
        Case::new(ask(r#"{"k\u0065y":["BlinkRepeat"]}"#), Result(None)),
        Case::new(ask(r#"{"key":["\ud83d\ude00"]}"#), Result(None)),
        Case::new(ask(r#"{"key":["\ud83d"]}"#), Result(None)),
        Case::new(ask(r#"{"key":["\ude00\ud83d"]}"#), Result(None)),
        Case::new(
            ask(r#"{"key":["\ud83dx","\u0000","\"\\\/\b\f\n\r\t"]}"#),
            Result(None),
        ),
        Case::new(
            ask(&format!(r#"{{"key":["{}"]}}"#, r"\u0041".repeat(50))),
            Result(None),
        ),
        Case::new(
            ask(&format!(r#"{{"key":["{}"]}}"#, r"\ud83d\ude00".repeat(50))),
            Result(None),
        ),
        Case::new(
            ask(&format!(r#"{{"key":["{}"]}}"#, r"\u0041".repeat(51))),
            property,
        ),
        Case::new(
            ask(&format!(r#"{{"key":["{}"]}}"#, "é".repeat(51))),
            property,
        ),
        Case::new(start(&r"\u0041".repeat(20)), Result(Some("Rejected"))),
        Case::new(start(&r"\u0041".repeat(21)), property),
        Case::new(start(&"é".repeat(10)), Result(Some("Rejected"))),
        // An idTag is stored in 20 bytes.
        Case::new(start(&"é".repeat(11)), property),
        Case::new(start(&r"\ud83d\ude00".repeat(21)), property),
        Case::new(
            r#"[2,"m","\u0047etConfiguration",{"key":["BlinkRepeat"]}]"#,
            Result(None),
        ),
        Case::new(
            r#"[2,"\u006d","GetConfiguration",{"key":["BlinkRepeat"]}]"#,
            Result(None),
        ),
        Case::new(r#"[2,"m","Reset",{"type":"\u0048arder"}]"#, property),
        Case::new(
            r#"[2,"m","ChangeConfiguration",{"key":"LightIntensity","value":"\u0031\u0030\u0031"}]"#,
            Result(Some("Rejected")),
        ),
    ]
}
