//! What in a frame of the central system is not to the letter of its message's table: every field
//! that breaks it, and the rule. For tools that test central systems; a station reads its frames
//! without this, so that firmware has none of it.

use core::fmt::{self, Display, Formatter};

use super::{
    core_profile::{
        AuthorizeAnswer, BootNotificationAnswer, DataTransferAnswer, Empty, HeartbeatAnswer,
        StartTransactionAnswer, StopTransactionAnswer,
    },
    requests::{self, Source},
};
#[cfg(feature = "security")]
use crate::dialect::shared::SignCertificateAnswer;
use crate::wire::{
    ErrorCode, Field, Frame, Json, Kind, Payload, Text,
    field::{self, Violation},
    frame::ID_LENGTH,
    json::Scanner,
    message::Message,
};

/// Where in a frame: `chargingProfile.chargingSchedule.chargingSchedulePeriod[0].limit`.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    outer: Option<&'p Self>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Field(&'static str),
    /// A field that its table does not have.
    Unknown(Text<'p>),
    Element(usize),
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            outer.fmt(f)?;
            if !matches!(self.step, Step::Element(_)) {
                f.write_str(".")?;
            }
        }
        match self.step {
            Step::Field(name) => f.write_str(name),
            Step::Unknown(name) => name.chars().try_for_each(|c| c.fmt(f)),
            Step::Element(index) => write!(f, "[{index}]"),
        }
    }
}

/// What a field, or the frame, breaks.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// It has to be there.
    Required,
    /// The message has no such field.
    Unknown,
    /// It is there more than once.
    Repeated,
    /// It has to hold this.
    Holds(Kind),
    /// A code of OCPP-J 1.6, 4.2.3.
    ErrorCode,
    /// The elements of a CALL, CALLRESULT or CALLERROR (OCPP-J 1.6, 4.2).
    Elements,
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Required => f.write_str("is required"),
            Self::Unknown => f.write_str("is no field of the message"),
            Self::Repeated => f.write_str("is there more than once"),
            Self::Holds(kind) => {
                f.write_str("must be ")?;
                describe(kind, f)
            }
            Self::ErrorCode => f.write_str("must be an error code of OCPP 1.6"),
            Self::Elements => f.write_str("has not the elements of its message type"),
        }
    }
}

fn describe(kind: Kind, f: &mut Formatter<'_>) -> fmt::Result {
    match kind {
        Kind::Text(usize::MAX) => f.write_str("a text"),
        Kind::Text(limit) => write!(f, "a text of at most {limit} characters"),
        Kind::Integer => f.write_str("a whole number of 32 bits"),
        Kind::Long => f.write_str("a whole number of 64 bits"),
        Kind::Tenths => f.write_str("a number"),
        Kind::Time => f.write_str("a time stamp of ISO 8601"),
        Kind::Choice(names) => {
            f.write_str("one of ")?;
            for (place, name) in names.iter().enumerate() {
                f.write_str(if place == 0 { "" } else { ", " })?;
                f.write_str(name)?;
            }
            Ok(())
        }
        Kind::Object(_) | Kind::Nested(_) => f.write_str("an object"),
        Kind::Objects(_) | Kind::Streamed(_) => f.write_str("a list of objects"),
        Kind::Texts(_) => f.write_str("a list of texts"),
        Kind::Any => f.write_str("any value"),
    }
}

/// Finds the deviations of a frame that arrived. `answered` is the action of the CALL that a
/// CALLRESULT or CALLERROR answers; without it, and for an action that is not carried out here,
/// only the frame around the payload is looked at. Nothing is found in what is no frame with a
/// readable id.
pub fn find(frame: &str, answered: Option<&str>, found: &mut dyn FnMut(&Place<'_>, Rule)) {
    match Frame::parse(frame.as_bytes()) {
        Ok(Frame::Call {
            id,
            action,
            payload,
        }) => {
            if !id.starts_with('"') {
                report(found, None, "messageId", Rule::Holds(Kind::Text(ID_LENGTH)));
            }
            let action = action.to_string::<40>().unwrap_or_default();
            look_at_payload(payload, request(&action), found);
        }
        Ok(Frame::Result { payload, .. }) => {
            look_at_payload(payload, answered.map(answer), found);
        }
        Ok(Frame::Error { .. }) => look_at_error(frame, found),
        Ok(Frame::BadCall { .. } | Frame::BadAnswer { .. }) => {
            report(found, None, "frame", Rule::Elements);
        }
        Err(_) => {}
    }
}

/// The fields of a request.
fn request(action: &str) -> Option<&'static [Field]> {
    let mut table = None;
    // Once it is known, reading ends.
    let _ = requests::request(action, Table(&mut table));
    table
}

/// Takes the place of a payload, and sees by which table it would be read.
struct Table<'t>(&'t mut Option<&'static [Field]>);

impl Source<'static> for Table<'_> {
    fn read<M: Message<'static>>(&mut self) -> Result<M, Violation> {
        *self.0 = Some(M::FIELDS);
        Err(Violation::FORMATION)
    }

    fn is_exact(&self) -> bool {
        true
    }
}

/// The fields of the answer to a CALL of the station; most have none.
fn answer(action: &str) -> &'static [Field] {
    match action {
        "Authorize" => AuthorizeAnswer::FIELDS,
        "BootNotification" => BootNotificationAnswer::FIELDS,
        "DataTransfer" => DataTransferAnswer::FIELDS,
        "Heartbeat" => HeartbeatAnswer::FIELDS,
        #[cfg(feature = "security")]
        "SignCertificate" => SignCertificateAnswer::FIELDS,
        "StartTransaction" => StartTransactionAnswer::FIELDS,
        "StopTransaction" => StopTransactionAnswer::FIELDS,
        _ => Empty::FIELDS,
    }
}

fn look_at_payload(
    payload: Payload<'_>,
    fields: Option<&'static [Field]>,
    found: &mut dyn FnMut(&Place<'_>, Rule),
) {
    let mut scanner = payload.scanner();
    let Some(json) = scanner
        .value()
        .ok()
        .filter(|_| payload.is_read(scanner.clone()))
    else {
        return report(found, None, "frame", Rule::Elements);
    };
    if json.is_list() {
        report(found, None, "payload", Rule::Holds(Kind::Object(&[])));
    }
    if let Some(fields) = fields {
        look_at_object(json, fields, None, found);
    }
}

/// `[4,id,code,description,details]`
fn look_at_error(frame: &str, found: &mut dyn FnMut(&Place<'_>, Rule)) {
    let frame = Scanner::new(frame, 0).value().ok();
    let mut elements = frame.into_iter().flat_map(Json::elements).skip(2);
    let code = elements.next().and_then(Json::text);
    if !code.is_some_and(|code| code.is(ErrorCode::from_text(code).as_str())) {
        report(found, None, "errorCode", Rule::ErrorCode);
    }
    let mut rest = |name, kind| match elements.next() {
        None => report(found, None, name, Rule::Required),
        Some(json) if field::is_exact(json, &kind) => {}
        Some(json) if matches!(kind, Kind::Object(_)) && json.is_object() => {}
        Some(_) => report(found, None, name, Rule::Holds(kind)),
    };
    rest("errorDescription", Kind::Text(255));
    rest("errorDetails", Kind::Object(&[]));
}

/// A payload of `null` is an object without members (OCPP-J 1.6, 4.2.1 and 4.2.2).
fn look_at_object(
    json: Json<'_>,
    fields: &'static [Field],
    outer: Option<&Place<'_>>,
    found: &mut dyn FnMut(&Place<'_>, Rule),
) {
    let mut scanner = Scanner::new(json.as_str(), 0);
    let is_object = scanner.take(b'{').is_ok();
    // No table has more fields than this has bits.
    let (mut first, mut seen) = (true, 0u32);
    while is_object
        && let Ok(Some(name)) = scanner.member(first)
        && let Ok(value) = scanner.value()
    {
        first = false;
        let place = name.place_in(fields.iter().map(|field| field.name));
        let Some((place, field)) = place.and_then(|place| Some((place, fields.get(place)?))) else {
            let step = Step::Unknown(name);
            found(&Place { outer, step }, Rule::Unknown);
            continue;
        };
        let step = Step::Field(field.name);
        let here = Place { outer, step };
        if seen >> place & 1 == 1 {
            found(&here, Rule::Repeated);
        }
        seen |= 1 << place;
        look_at_value(value, field.kind, &here, found);
    }
    for (place, field) in fields.iter().enumerate() {
        if field.required && seen >> place & 1 == 0 {
            report(found, outer, field.name, Rule::Required);
        }
    }
}

fn look_at_value(
    json: Json<'_>,
    kind: Kind,
    place: &Place<'_>,
    found: &mut dyn FnMut(&Place<'_>, Rule),
) {
    let element = match kind {
        Kind::Object(fields) | Kind::Nested(fields) if json.is_object() => {
            return look_at_object(json, fields, Some(place), found);
        }
        Kind::Objects(fields) | Kind::Streamed(fields) if json.is_list() => Kind::Object(fields),
        Kind::Texts(limit) if json.is_list() => Kind::Text(limit),
        kind if field::is_exact(json, &kind) => return,
        kind => return found(place, Rule::Holds(kind)),
    };
    for (index, json) in json.elements().enumerate() {
        let outer = Some(place);
        let step = Step::Element(index);
        look_at_value(json, element, &Place { outer, step }, found);
    }
}

fn report(
    found: &mut dyn FnMut(&Place<'_>, Rule),
    outer: Option<&Place<'_>>,
    name: &'static str,
    rule: Rule,
) {
    let step = Step::Field(name);
    found(&Place { outer, step }, rule);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(frame: &str, answers: Option<&str>) -> Vec<String> {
        let mut all = Vec::new();
        find(frame, answers, &mut |place, rule| {
            all.push(format!("{place} {rule}"));
        });
        all
    }

    #[test]
    fn says_where_a_request_breaks_its_table() {
        for (frame, expected) in [
            (r#"[2,"1","ClearCache",{}]"#, &[][..]),
            (r#"[2,"1","ClearCache",null]"#, &[]),
            (r#"[2,"1","GetConfiguration",{"key":["a"]}]"#, &[]),
            (r#"[2,"1","Unheard",{"of":1}]"#, &[]),
            (r#"[2,"1","ClearCache",[]]"#, &["payload must be an object"]),
            (
                r#"[2,7,"ClearCache",{"m\u006fre":1}]"#,
                &[
                    "messageId must be a text of at most 36 characters",
                    "more is no field of the message",
                ],
            ),
            (r#"[2,"1","Reset",null]"#, &["type is required"]),
            (
                r#"[2,"1","Reset",{"type":"hard","type":"Soft"}]"#,
                &[
                    "type must be one of Hard, Soft",
                    "type is there more than once",
                ],
            ),
            (
                r#"[2,"1","UnlockConnector",{"connectorId":1.0}]"#,
                &["connectorId must be a whole number of 32 bits"],
            ),
            (
                r#"[2,"1","DataTransfer",{"vendorId":"v","messageId":null,"data":{}}]"#,
                &[
                    "messageId must be a text of at most 50 characters",
                    "data must be a text",
                ],
            ),
            (
                r#"[2,"1","GetConfiguration",{"key":["a",null]}]"#,
                &["key[1] must be a text of at most 50 characters"],
            ),
            (
                r#"[2,"1","Reset"]"#,
                &["frame has not the elements of its message type"],
            ),
            (
                r#"[2,"1","Reset",{"type":"Hard"}"#,
                &["frame has not the elements of its message type"],
            ),
            ("[2", &[]),
        ] {
            assert_eq!(found(frame, None), expected, "{frame}");
        }
        let start = r#"[2,"1","RemoteStartTransaction",{"idTag":"A","chargingProfile":
            {"chargingProfileId":1,"stackLevel":0,"chargingProfilePurpose":"TxProfile",
            "chargingProfileKind":"Relative","validFrom":"noon","chargingSchedule":
            {"chargingRateUnit":"A","chargingSchedulePeriod":[{"startPeriod":0,"limit":"16"},
            {"startPeriod":0}]}}}]"#;
        let period = "chargingProfile.chargingSchedule.chargingSchedulePeriod";
        assert_eq!(
            found(start, None),
            [
                "chargingProfile.validFrom must be a time stamp of ISO 8601".to_owned(),
                format!("{period}[0].limit must be a number"),
                format!("{period}[1].limit is required"),
            ]
        );
    }

    #[test]
    fn says_where_an_answer_breaks_its_table() {
        for (frame, action, expected) in [
            (r#"[3,"1",{}]"#, "StatusNotification", &[][..]),
            (r#"[3,"1",null]"#, "StatusNotification", &[]),
            #[cfg(feature = "security")]
            (r#"[3,"1",{}]"#, "SignCertificate", &["status is required"]),
            (
                r#"[3,"1",{"currentTime":"2026-01-01T00:00:00+0000","interval":"60"}]"#,
                "BootNotification",
                &[
                    "interval must be a whole number of 32 bits",
                    "status is required",
                ],
            ),
            (
                r#"[3,"1",{"idTagInfo":{"status":"ok"},"transactionId":5}]"#,
                "StartTransaction",
                &[
                    "idTagInfo.status must be one of Accepted, Blocked, Expired, Invalid, \
                   ConcurrentTx",
                ],
            ),
            (
                r#"[3,"1",{"transactionId":5}]"#,
                "StartTransaction",
                &["idTagInfo is required"],
            ),
            (
                r#"[3,"1",{"idTagInfo":[]}]"#,
                "Authorize",
                &["idTagInfo must be an object"],
            ),
            (
                r#"[3,"1"]"#,
                "Authorize",
                &["frame has not the elements of its message type"],
            ),
            (
                r#"[3,"1",{}"#,
                "Authorize",
                &["frame has not the elements of its message type"],
            ),
            (r#"[4,"1","GenericError","",{"a":1}]"#, "Authorize", &[]),
            (
                r#"[4,"1","Unheard"]"#,
                "Authorize",
                &[
                    "errorCode must be an error code of OCPP 1.6",
                    "errorDescription is required",
                    "errorDetails is required",
                ],
            ),
            (
                r#"[4,"1","GenericError",null,[]]"#,
                "Authorize",
                &[
                    "errorDescription must be a text of at most 255 characters",
                    "errorDetails must be an object",
                ],
            ),
        ] {
            assert_eq!(found(frame, Some(action)), expected, "{frame}");
        }
    }
}
