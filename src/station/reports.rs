//! The report of variables that the CSMS asked for (OCPP 2.0.1, B07), told in parts, one CALL after the
//! other: first the settings, then the facts.

use super::{
    call::Call,
    clock::Stamp,
    context::Context,
    inventory::Inventory,
    rpc::Rpc,
    settings::{Form, Row},
};
use crate::{
    dialect::{self, Characteristics, FactVariable, Report, ReportedVariable},
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
    /// The place of the next variable: that of a setting in the table, or behind these of a fact.
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
    pub fn call(&mut self, inventory: &Inventory<'_, '_>, rpc: &mut Rpc<'_>) -> bool {
        let cx = inventory.context();
        let Some(under_way) = self.0.filter(|_| cx.utc().is_some()) else {
            return false;
        };
        let id = rpc.next_id();
        let mut until = None;
        let sent = rpc.call(cx.now, id, Call::Report { until }, &mut |w| {
            until = write(inventory, w, &under_way);
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

/// A variable of the station.
enum Variable<'a> {
    Setting(Row<'a>, ReportedVariable<'a>),
    Fact(FactVariable),
}

/// What is at that place and belongs into the report, if anything does; `Err` behind the last place.
fn told<'a>(cx: &Context<'a>, report: Report, place: usize) -> Result<Option<Variable<'a>>, ()> {
    let table = cx.table();
    let Some(index) = place.checked_sub(table.places().end) else {
        let variable = table.id(place).zip(table.row(place)).and_then(|(id, row)| {
            let described = (row.mutability, characteristics(&row));
            let name = table.name(place);
            let variable = dialect::reported_variable(id, name, described.0, described.1)?;
            Some((row, variable))
        });
        let variable = variable.filter(|(_, it)| report.base.has_setting(it.mutability));
        return Ok(variable.map(|(row, variable)| Variable::Setting(row, variable)));
    };
    let fact = FactVariable::at(index, cx.profile.connectors).ok_or(())?;
    Ok(report.base.has_fact(&fact).then_some(Variable::Fact(fact)))
}

/// Writes a variable, `with_values` also what it can be.
fn write_variable(
    inventory: &Inventory<'_, '_>,
    w: &mut Writer<'_>,
    variable: &Variable<'_>,
    with_values: bool,
) {
    let cx = inventory.context();
    match variable {
        Variable::Setting(row, variable) => {
            let value = |w: &mut Writer<'_>| cx.settings.write_value(w, row);
            let measured = |w: &mut Writer<'_>| inventory.write_measured(w);
            let is_list = matches!(row.form, Form::Measurands(..));
            let values: Option<&dyn Fn(&mut Writer<'_>)> = match is_list && with_values {
                true => Some(&measured),
                false => None,
            };
            variable.write(w, Some(&value), values);
        }
        Variable::Fact(fact) => {
            let value = |w: &mut Writer<'_>| inventory.write_fact(w, fact);
            let value: Option<&dyn Fn(&mut Writer<'_>)> = match inventory.has_value(fact) {
                true => Some(&value),
                false => None,
            };
            fact.write(w, inventory.max(fact), value, with_values);
        }
    }
}

/// Writes a part: the place of the next variable behind it, `None` where it is the last.
fn write(inventory: &Inventory<'_, '_>, w: &mut Writer<'_>, under_way: &UnderWay) -> Option<usize> {
    let cx = inventory.context();
    let UnderWay {
        report,
        generated,
        part,
        ..
    } = *under_way;
    dialect::begin_report(w, report, cx.clock.resolve(generated).unwrap_or(0), part);
    let (mut has_some, mut next) = (false, None);
    let mut place = under_way.next;
    while let Ok(variable) = told(cx, report, place) {
        if let Some(variable) = variable {
            let fits = fits(w, |w| write_variable(inventory, w, &variable, true));
            if !fits && has_some {
                next = Some(place);
                break;
            }
            // What a whole message has no room for is told without what it can be, or not at all.
            has_some |= fits || fits_alone(inventory, w, &variable);
        }
        place += 1;
    }
    dialect::end_report(w, next.is_none());
    next
}

fn fits_alone(inventory: &Inventory<'_, '_>, w: &mut Writer<'_>, variable: &Variable<'_>) -> bool {
    fits(w, |w| write_variable(inventory, w, variable, false))
}

/// Writes something, unless there is no room for it and the end.
fn fits(w: &mut Writer<'_>, write: impl Fn(&mut Writer<'_>)) -> bool {
    let mark = w.mark();
    write(w);
    let fits = !w.overflowed() && w.room() >= END;
    if !fits {
        w.rewind(mark);
    }
    fits
}

fn characteristics(row: &Row<'_>) -> Characteristics {
    let of = |data_type, min: Option<i32>, max: Option<i32>| Characteristics {
        data_type,
        min: min.map(Into::into),
        max: max.map(Into::into),
    };
    match row.form {
        Form::Flag(_) => of("boolean", None, None),
        Form::Number(min, max, _) => of("integer", Some(min), Some(max)),
        Form::Fixed(_) | Form::Connectors => of("integer", None, None),
        Form::Text(_, longest, _) => of("string", None, Some(longest.into())),
        Form::Measurands(..) => of("MemberList", None, i32::try_from(LIST_LENGTH).ok()),
        Form::Word(_) | Form::Rotation | Form::Profiles => of("string", None, None),
        #[cfg(feature = "firmware-management")]
        Form::Protocols => of("string", None, None),
        #[cfg(feature = "security")]
        Form::Access => of("integer", None, None),
        #[cfg(feature = "security")]
        Form::Secret => of("string", None, None),
    }
}
