//! The report of all variables that the CSMS asked for (OCPP 2.0.1, B07), told in parts, one CALL
//! after the other.

use super::{
    call::Call,
    clock::Stamp,
    context::Context,
    rpc::Rpc,
    settings::{Form, Mutability, Row},
};
use crate::{
    dialect::{self, Characteristics, Report},
    domain::AcceptedStatus,
    limits::LIST_LENGTH,
    wire::Writer,
};

/// Bytes that end a NotifyReport after its last variable.
const END: usize = r#"],"tbc":false}]"#.len();

/// A report under way.
#[derive(Clone, Copy, Debug)]
struct UnderWay {
    report: Report,
    generated: Stamp,
    /// The place of the next variable.
    next: usize,
    /// The number of the next part.
    part: u32,
}

/// The report that is told, if one is.
#[derive(Debug, Default)]
pub(super) struct Reports(Option<UnderWay>);

impl Reports {
    /// Begins with a report. Rejected, and nothing happens, while another is told.
    pub fn begin(&mut self, cx: &Context<'_>, report: Report) -> AcceptedStatus {
        if self.0.is_some() {
            return AcceptedStatus::Rejected;
        }
        self.0 = Some(UnderWay {
            report,
            generated: cx.stamp(),
            next: 0,
            part: 0,
        });
        AcceptedStatus::Accepted
    }

    /// Sends the next part, with as many variables as there is room for.
    pub fn call(&mut self, cx: &Context<'_>, rpc: &mut Rpc<'_>) -> bool {
        let Some(under_way) = self.0.filter(|_| cx.utc().is_some()) else {
            return false;
        };
        let id = rpc.next_id();
        let mut until = None;
        let sent = rpc.call(cx.now, id, Call::Report { until }, &mut |w| {
            until = write(cx, w, &under_way);
        });
        if sent {
            rpc.is_about(Call::Report { until });
        }
        if until.is_none() {
            // Nothing is left to tell: the next report may begin before the answer.
            self.0 = None;
        }
        sent
    }

    /// The CSMS has taken what is in front of that place, or the end.
    pub fn answered(&mut self, until: Option<usize>) {
        if let (Some(under_way), Some(until)) = (&mut self.0, until) {
            under_way.next = until;
            under_way.part += 1;
        }
    }

    /// The CSMS does not take a part: the rest would be of no use.
    pub fn failed(&mut self, until: Option<usize>) {
        if until.is_some() {
            self.give_up();
        }
    }

    /// What is left of a report is not told.
    pub fn give_up(&mut self) {
        self.0 = None;
    }
}

/// The places of what a report tells, from one on.
fn places(cx: &Context<'_>, report: Report, from: usize) -> impl Iterator<Item = usize> {
    let table = cx.table();
    let is_told =
        move |row: Row<'_>| !report.only_writable || row.mutability != Mutability::ReadOnly;
    let is_variable = move |place: &usize| {
        table.row(*place).is_some_and(is_told) && variable(table, *place).is_some()
    };
    table.places().skip(from).filter(is_variable)
}

/// What the setting at a place is as a variable.
fn variable(table: super::settings::Table<'_>, place: usize) -> Option<dialect::ReportedVariable> {
    dialect::reported_variable(table.id(place)?)
}

/// Writes a part: the place of the next variable behind it, `None` where it is the last.
fn write(cx: &Context<'_>, w: &mut Writer<'_>, under_way: &UnderWay) -> Option<usize> {
    let UnderWay {
        report,
        generated,
        part,
        ..
    } = *under_way;
    dialect::begin_report(w, report, cx.clock.resolve(generated).unwrap_or(0), part);
    let (table, settings) = (cx.table(), &cx.settings);
    let (mut has_some, mut next) = (false, None);
    for place in places(cx, report, under_way.next) {
        let (Some(row), Some(variable)) = (table.row(place), variable(table, place)) else {
            continue;
        };
        let mark = w.mark();
        let value = |w: &mut Writer<'_>| settings.write_value(w, &row);
        variable.write(w, row.mutability, &value, characteristics(&row));
        if w.overflowed() || w.room() < END {
            w.rewind(mark);
            if has_some {
                next = Some(place);
                break;
            }
            // One that a whole message has no room for cannot be told.
            continue;
        }
        has_some = true;
    }
    dialect::end_report(w, next.is_none());
    next
}

fn characteristics(row: &Row<'_>) -> Characteristics {
    let of = |data_type, min, max| Characteristics {
        data_type,
        min,
        max,
    };
    match row.form {
        Form::Flag(_) => of("boolean", None, None),
        Form::Number(min, max, _) => of("integer", Some(min), Some(max)),
        Form::Fixed(_) | Form::Connectors => of("integer", None, None),
        Form::Text(_, longest, _) => of("string", None, Some(longest.into())),
        Form::Measurands(..) => of("MemberList", None, i32::try_from(LIST_LENGTH).ok()),
        Form::Rotation | Form::Profiles => of("string", None, None),
    }
}
