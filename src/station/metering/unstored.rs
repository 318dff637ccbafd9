//! Samples that are no transaction messages: triggered ones, and clock-aligned ones without a
//! transaction. They are not stored, and sent only while the connection lasts.

use super::{Metering, write_readings};
use crate::{
    domain::{Context as ReadingContext, TransactionId},
    station::{call::Call, clock::Stamp, context::Context, rpc::Rpc, settings::List},
    wire::Writer,
};

/// When a sample was taken, and how many of its readings the central system has.
#[derive(Debug)]
struct UnstoredSample {
    stamp: Stamp,
    sent: usize,
}

/// The samples of a connector that are to be sent.
#[derive(Debug)]
pub struct UnstoredSamples {
    clock: Option<UnstoredSample>,
    triggered: Option<UnstoredSample>,
}

impl UnstoredSamples {
    pub const fn new() -> Self {
        Self {
            clock: None,
            triggered: None,
        }
    }

    fn of(&self, context: ReadingContext) -> Option<&UnstoredSample> {
        match context {
            ReadingContext::Trigger => self.triggered.as_ref(),
            _ => self.clock.as_ref(),
        }
    }

    fn place(&mut self, context: ReadingContext) -> &mut Option<UnstoredSample> {
        match context {
            ReadingContext::Trigger => &mut self.triggered,
            _ => &mut self.clock,
        }
    }
}

impl Metering {
    /// Takes a sample now, unless the central system cannot be told (`up` is false).
    pub fn take_sample(&mut self, number: u8, context: ReadingContext, stamp: Stamp, up: bool) {
        if let Some(meter) = self.meter_mut(number) {
            *meter.unstored.place(context) = up.then_some(UnstoredSample { stamp, sent: 0 });
        }
    }

    /// Sends the next part of a sample of that context.
    pub fn call_sample(
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
            let sample = self
                .meter(number)
                .and_then(|meter| meter.unstored.of(context));
            let Some(&UnstoredSample { stamp, sent }) = sample else {
                continue;
            };
            let readings = self.selected(cx, number, &[list]);
            let Some(left) = readings.get(sent..).filter(|left| !left.is_empty()) else {
                self.sample_failed(number, context, stamp);
                continue;
            };
            let transaction_id = transaction_id(number);
            let timestamp = cx.clock.resolve(stamp).unwrap_or(0);
            let mut until = sent;
            let (id, version) = (rpc.next_id(), cx.version);
            let write = &mut |w: &mut Writer<'_>| {
                version.begin_meter_values(w, number, transaction_id);
                version.begin_meter_value(w, timestamp);
                let written = write_readings(version, w, context, left.iter().copied());
                until = sent + written.unwrap_or(left.len());
                version.end_meter_value(w);
                version.end_meter_values(w);
            };
            let call = |until| Call::MeterValues {
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

    /// The central system has taken the readings of a sample before that place of the list.
    pub fn sample_sent(&mut self, number: u8, context: ReadingContext, stamp: Stamp, until: usize) {
        if let Some(sample) = self.sample(number, context, stamp)
            && let Some(sample) = sample
        {
            sample.sent = until;
        }
    }

    /// Drops a sample.
    pub fn sample_failed(&mut self, number: u8, context: ReadingContext, stamp: Stamp) {
        if let Some(sample) = self.sample(number, context, stamp) {
            *sample = None;
        }
    }

    /// The sample with that stamp, `None` if a later one has taken its place.
    fn sample(
        &mut self,
        number: u8,
        context: ReadingContext,
        stamp: Stamp,
    ) -> Option<&mut Option<UnstoredSample>> {
        let place = self.meter_mut(number)?.unstored.place(context);
        let same = place.as_ref().is_some_and(|sample| sample.stamp == stamp);
        same.then_some(place)
    }

    /// The connection is lost: what is not of a transaction is not sent later.
    pub fn forget_samples(&mut self) {
        for meter in &mut self.meters {
            meter.unstored = UnstoredSamples::new();
        }
    }
}
