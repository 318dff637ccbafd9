//! Frames that are longer or deeper than anything OCPP 1.6 needs.

use ocpp::wire::frame::Dropped::{BadAnswer, NotJson, UnknownType};

use crate::run::{
    Case,
    Outcome::{Dropped, Error, Result},
};

const MEGABYTE: usize = 1 << 20;

fn data_transfer(vendor: &str, data: &str) -> String {
    format!(r#"[2,"m","DataTransfer",{{"vendorId":"{vendor}","data":{data}}}]"#)
}

pub fn deep() -> Vec<Case> {
    let formation = Error("FormationViolation");
    let mut cases = Vec::new();
    for depth in [50, 127, 128, 200, 1_000, 100_000] {
        let lists = "[".repeat(depth) + &"]".repeat(depth);
        let objects = r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        for value in [&lists, &objects] {
            cases.push(Case::new(data_transfer("v", value), formation));
            cases.push(Case::new(format!(r#"[2,"m","Reset",{value}]"#), formation));
            cases.push(Case::new(format!(r#"[3,"m",{value}]"#), Dropped(BadAnswer)));
        }
        cases.push(Case::new(lists, Dropped(UnknownType)));
        cases.push(Case::new(objects, Dropped(NotJson)));
    }
    // As deep as is read: only the type is wrong.
    let list = "[".repeat(20) + &"]".repeat(20);
    cases.push(Case::new(
        data_transfer("v", &list),
        Error("TypeConstraintViolation"),
    ));
    cases
}

pub fn long() -> Vec<Case> {
    let long = "x".repeat(MEGABYTE);
    let text = format!("\"{long}\"");
    let escaped = format!("\"{}\"", r"\u00e9".repeat(MEGABYTE / 6));
    let numbers = format!("[{}1]", "1,".repeat(MEGABYTE / 2));
    let objects = format!("[{}{{}}]", "{},".repeat(MEGABYTE / 3));
    let property = Error("PropertyConstraintViolation");
    let wrong_type = Error("TypeConstraintViolation");
    let formation = Error("FormationViolation");
    let cut_off = |beginning: &str, outcome| Case {
        cut_off: true,
        ..Case::new(beginning, outcome)
    };
    vec![
        Case::new(data_transfer("v", &text), Result(Some("UnknownVendorId"))),
        Case::new(
            data_transfer("v", &escaped),
            Result(Some("UnknownVendorId")),
        ),
        Case::new(
            data_transfer("com.example", &text),
            Result(Some("Rejected")),
        ),
        Case::new(
            data_transfer("com.example", &escaped),
            Result(Some("Rejected")),
        ),
        Case::new(data_transfer(&long, "\"\""), property),
        Case::new(data_transfer("v", &numbers), wrong_type),
        Case::new(data_transfer("v", &objects), wrong_type),
        Case::new(
            format!(r#"[2,"m","GetConfiguration",{{"key":{numbers}}}]"#),
            wrong_type,
        ),
        Case::new(
            format!(r#"[2,"m","GetConfiguration",{{"key":[{text}]}}]"#),
            property,
        ),
        Case::new(format!(r#"[2,"m","Reset",{{"type":{text}}}]"#), property),
        Case::new(format!(r#"[2,"m","Reset",{{{text}:1}}]"#), formation),
        Case::new(format!(r#"[2,"m",{text},{{}}]"#), Error("NotImplemented")),
        Case::new(
            format!(r#"[2,"m"{}]"#, ",{}".repeat(MEGABYTE / 3)),
            formation,
        ),
        Case {
            id: long.clone(),
            ..Case::new(format!(r#"[2,{text},"ClearCache",{{}}]"#), formation)
        },
        Case::new(
            format!(
                r#"{}[2,"m","GetConfiguration",{{"key":["BlinkRepeat"]}}]"#,
                " ".repeat(MEGABYTE)
            ),
            Result(None),
        ),
        Case::new(&long, Dropped(NotJson)),
        Case::new(&text, Dropped(NotJson)),
        Case::new(vec![0; MEGABYTE], Dropped(NotJson)),
        Case::new(vec![0xff; MEGABYTE], Dropped(NotJson)),
        Case::new("{".repeat(MEGABYTE), Dropped(NotJson)),
        Case::new("]".repeat(MEGABYTE), Dropped(NotJson)),
        Case::new("[".repeat(MEGABYTE), Dropped(UnknownType)),
        Case::new("\\".repeat(MEGABYTE), Dropped(NotJson)),
        Case::new(
            format!(r#"[2,"m","Reset",{{"type":"{long}"#),
            Dropped(NotJson),
        ),
        cut_off(&data_transfer("v", &text)[..4_096], formation),
        cut_off(r#"[2,"m","#, formation),
        cut_off(r#" [ 2 , "m" , "DataTransfer""#, formation),
        cut_off(
            &format!(r#"[2,"m","DataTransfer",{}"#, "[".repeat(4_000)),
            formation,
        ),
        cut_off(r#"[2,"m"#, Dropped(NotJson)),
        cut_off(&long[..4_096], Dropped(NotJson)),
        cut_off(
            &format!(r#"[3,"m",{{"data":{}"#, &text[..4_000]),
            Dropped(BadAnswer),
        ),
        cut_off(r#"[4,"m","InternalError",""#, Dropped(BadAnswer)),
        cut_off(r#"[9,"m","InternalError",""#, Dropped(UnknownType)),
    ]
}
