//! Readings of a moment that are no transaction messages: triggered ones, and clock-aligned ones
//! without a transaction. They are sent now or never.

use super::write_readings;
use crate::{
    station::{Station, clock::Stamp, key::List, rpc::Call},
    v16::{Context, core},
    wire::Writer,
};

/// Readings of a moment outside the journal.
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

    fn of(&self, context: Context) -> Option<&Moment> {
        match context {
            Context::Trigger => self.triggered.as_ref(),
            _ => self.clock.as_ref(),
        }
    }

    fn place(&mut self, context: Context) -> &mut Option<Moment> {
        match context {
            Context::Trigger => &mut self.triggered,
            _ => &mut self.clock,
        }
    }
}

impl Station<'_> {
    pub(super) fn take_moment(&mut self, number: u8, context: Context) {
        let stamp = self.transaction_stamp(number);
        let up = match context {
            Context::Trigger => self.connection.is_up(),
            _ => self.is_online(),
        };
        if let Ok(connector) = self.any_connector_mut(number) {
            *connector.moments.place(context) = up.then_some(Moment { stamp, sent: 0 });
        }
    }

    /// Sends readings of now that were triggered, or clock-aligned ones.
    pub(in crate::station) fn call_moment(&mut self, context: Context) -> bool {
        let list = match context {
            Context::Trigger => List::Sampled,
            _ => List::Aligned,
        };
        for number in self.all_numbers() {
            let connector = self.connectors.get(usize::from(number));
            let moment = connector.and_then(|connector| connector.moments.of(context));
            let Some(&Moment { stamp, sent }) = moment else {
                continue;
            };
            let readings = self.selected(number, &[list]);
            let Some(left) = readings.get(sent..).filter(|left| !left.is_empty()) else {
                self.moment_failed(number, context, stamp);
                continue;
            };
            let connector = self.connectors.get(usize::from(number));
            let transaction = connector.and_then(|connector| connector.running());
            let transaction_id = transaction.and_then(|running| running.transaction_id);
            let timestamp = self.cx.clock.resolve(stamp).unwrap_or(0);
            let mut until = sent;
            let id = self.rpc.next_id();
            let write = &mut |w: &mut Writer<'_>| {
                core::begin_meter_values(w, number, transaction_id);
                core::begin_meter_value(w, timestamp);
                until = sent + write_readings(w, context, left.iter().copied());
                core::end_list_and_object(w);
                core::end_list_and_object(w);
            };
            let call = |until| Call::Moment {
                connector: number,
                context,
                stamp,
                until,
            };
            if self.rpc.call(self.cx.now, id, call(0), write) {
                self.rpc.is_about(call(until));
                return true;
            }
        }
        false
    }

    pub(in crate::station) fn moment_sent(
        &mut self,
        number: u8,
        context: Context,
        stamp: Stamp,
        until: usize,
    ) {
        if let Some(moment) = self.moment(number, context, stamp)
            && let Some(moment) = moment
        {
            moment.sent = until;
        }
    }

    pub(in crate::station) fn moment_failed(&mut self, number: u8, context: Context, stamp: Stamp) {
        if let Some(moment) = self.moment(number, context, stamp) {
            *moment = None;
        }
    }

    /// The moment with that stamp, unless a later one has taken its place.
    fn moment(
        &mut self,
        number: u8,
        context: Context,
        stamp: Stamp,
    ) -> Option<&mut Option<Moment>> {
        let place = self.any_connector_mut(number).ok()?.moments.place(context);
        let same = place.as_ref().is_some_and(|moment| moment.stamp == stamp);
        same.then_some(place)
    }

    /// The connection is lost: what is not of a transaction is not sent later.
    pub(in crate::station) fn forget_moments(&mut self) {
        for connector in self.connectors.iter_mut() {
            connector.moments = Moments::new();
        }
    }
}
