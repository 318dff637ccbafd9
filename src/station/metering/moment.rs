//! Readings of a moment that are no transaction messages: triggered ones, and clock-aligned ones
//! without a transaction. They are sent now or never.

use super::{Metering, write_readings};
use crate::{
    domain::{Context as ReadingContext, TransactionId},
    station::{call::Call, clock::Stamp, context::Context, rpc::Rpc, settings::List},
    wire::Writer,
};

/// Readings of a moment outside the outbox.
#[derive(Debug)]
struct Moment {
    stamp: Stamp,
    sent: usize,
}

/// The moments of a connector that are to be told: clock-aligned without a transaction, and
/// triggered.
#[derive(Debug)]
pub struct Moments {
    clock: Option<Moment>,
    triggered: Option<Moment>,
}

impl Moments {
    pub const fn new() -> Self {
        Self {
            clock: None,
            triggered: None,
        }
    }

    fn of(&self, context: ReadingContext) -> Option<&Moment> {
        match context {
            ReadingContext::Trigger => self.triggered.as_ref(),
            _ => self.clock.as_ref(),
        }
    }

    fn place(&mut self, context: ReadingContext) -> &mut Option<Moment> {
        match context {
            ReadingContext::Trigger => &mut self.triggered,
            _ => &mut self.clock,
        }
    }
}

impl Metering {
    /// Takes the readings of now, to be sent while the central system can be told of them.
    pub fn take_moment(&mut self, number: u8, context: ReadingContext, stamp: Stamp, up: bool) {
        if let Some(meter) = self.meter_mut(number) {
            *meter.moments.place(context) = up.then_some(Moment { stamp, sent: 0 });
        }
    }

    /// Sends readings of now that were triggered, or clock-aligned ones.
    pub fn call_moment(
        &mut self,
        cx: &Context<'_>,
        rpc: &mut Rpc<'_>,
        context: ReadingContext,
        transaction_id: &dyn Fn(u8) -> Option<TransactionId>,
    ) -> bool {
        let list = match context {
            ReadingContext::Trigger => List::Sampled,
            _ => List::Aligned,
        };
        for number in 0..self.meters.len() as u8 {
            let moment = self
                .meter(number)
                .and_then(|meter| meter.moments.of(context));
            let Some(&Moment { stamp, sent }) = moment else {
                continue;
            };
            let readings = self.selected(cx, number, &[list]);
            let Some(left) = readings.get(sent..).filter(|left| !left.is_empty()) else {
                self.moment_failed(number, context, stamp);
                continue;
            };
            let transaction_id = transaction_id(number);
            let timestamp = cx.clock.resolve(stamp).unwrap_or(0);
            let mut until = sent;
            let (id, version) = (rpc.next_id(), cx.version);
            let write = &mut |w: &mut Writer<'_>| {
                version.begin_meter_values(w, number, transaction_id);
                version.begin_moment(w, timestamp);
                until = sent + write_readings(version, w, context, left.iter().copied());
                version.end_moment(w);
                version.end_meter_values(w);
            };
            let call = |until| Call::Moment {
                connector: number,
                context,
                stamp,
                until,
            };
            if rpc.call(cx.now, id, call(0), write) {
                rpc.is_about(call(until));
                return true;
            }
        }
        false
    }

    /// The central system has taken the readings of a moment, up to that place of the list.
    pub fn moment_sent(&mut self, number: u8, context: ReadingContext, stamp: Stamp, until: usize) {
        if let Some(moment) = self.moment(number, context, stamp)
            && let Some(moment) = moment
        {
            moment.sent = until;
        }
    }

    /// The readings of a moment are not sent any more.
    pub fn moment_failed(&mut self, number: u8, context: ReadingContext, stamp: Stamp) {
        if let Some(moment) = self.moment(number, context, stamp) {
            *moment = None;
        }
    }

    /// The moment with that stamp, unless a later one has taken its place.
    fn moment(
        &mut self,
        number: u8,
        context: ReadingContext,
        stamp: Stamp,
    ) -> Option<&mut Option<Moment>> {
        let place = self.meter_mut(number)?.moments.place(context);
        let same = place.as_ref().is_some_and(|moment| moment.stamp == stamp);
        same.then_some(place)
    }

    /// The connection is lost: what is not of a transaction is not sent later.
    pub fn forget_moments(&mut self) {
        for meter in &mut self.meters {
            meter.moments = Moments::new();
        }
    }
}
