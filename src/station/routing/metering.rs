//! Readings of meters, and what waits for them.

use crate::{
    domain::{Context, Measurand, Measured, Phase, TriggerReason},
    station::{
        Key, Reading, Refused, Station,
        metering::{Purpose, store_readings},
        outbox::{Kind, Message},
        record::Encoder,
        settings::List,
    },
};

impl Station<'_> {
    pub(in crate::station) fn meter_read(
        &mut self,
        number: u8,
        readings: &[Reading],
    ) -> Result<(), Refused> {
        self.known_number(number)?;
        let is_complete = self.metering.read(&self.cx, number, readings)?;
        let register = self.metering.register(number);
        let transaction = self.transactions.running_mut(number);
        if let (Some(transaction), Some(register)) = (transaction, register) {
            if transaction.limit_reached(register) {
                self.status_changed(number);
            }
            self.save_when_due(number, register);
        }
        if is_complete {
            self.take_readings(number);
        }
        Ok(())
    }

    /// Asks for a reading; one of this very moment is good enough.
    pub(in crate::station) fn want(&mut self, number: u8, purpose: Purpose) {
        if self.metering.want(&self.cx, number, purpose) {
            self.take_readings(number);
        }
    }

    /// The application does not answer: the last known values must do.
    pub(in crate::station) fn expire_readings(&mut self) {
        let mut from = 0;
        while let Some(number) = self.metering.next_expired(&self.cx, from) {
            from = number + 1;
            self.take_readings(number);
        }
    }

    /// Does everything that waited for a reading of this connector.
    fn take_readings(&mut self, number: u8) {
        let request = self.metering.take_request(number);
        if request.has(Purpose::CutOff) {
            self.end_cut_off(number);
        }
        if request.has(Purpose::Begin) {
            self.record_start(number);
        }
        if request.has(Purpose::Periodic) {
            let lists = (List::Sampled, List::StopSampled);
            self.sample(number, Context::SamplePeriodic, lists);
        }
        if request.has(Purpose::Clock) {
            let lists = (List::Aligned, List::StopAligned);
            self.sample(number, Context::SampleClock, lists);
        }
        if request.has(Purpose::Trigger) {
            self.take_sample(number, Context::Trigger);
        }
        if request.has(Purpose::End) {
            self.record_stop(number);
        }
    }

    /// Stores what the lists ask for, with the running transaction; without one, clock-aligned
    /// values go out at once or not at all (they are no transaction messages, 3.7).
    fn sample(&mut self, number: u8, context: Context, (list, stop_list): (List, List)) {
        match self.recorded_transaction(number) {
            Some(transaction) => {
                self.store_readings(Kind::Values, number, transaction, context, &[list]);
                self.store_readings(Kind::StopValues, number, transaction, context, &[stop_list]);
            }
            None if context == Context::SampleClock => self.take_sample(number, context),
            None => {}
        }
    }

    /// Stores what transactionData says of the begin or the end of a transaction: all that the
    /// lists for it name (errata 3.14).
    pub(in crate::station) fn store_edge(
        &mut self,
        number: u8,
        transaction: u32,
        context: Context,
    ) {
        let lists = &[List::StopSampled, List::StopAligned];
        self.store_readings(Kind::StopValues, number, transaction, context, lists);
    }

    /// Stores what a TriggerMessage for a transaction's event asks for: with the readings that there
    /// are, if there are some.
    pub(in crate::station) fn store_triggered(&mut self, number: u8, transaction: u32) {
        let lists = &[List::Sampled];
        match self.metering.selected(&self.cx, number, lists).is_empty() {
            true => self.store_event(number, transaction, TriggerReason::Trigger),
            false => {
                self.store_readings(Kind::Values, number, transaction, Context::Trigger, lists)
            }
        }
    }

    /// Stores the readings of a connector that lists name.
    fn store_readings(
        &mut self,
        kind: Kind,
        number: u8,
        transaction: u32,
        context: Context,
        lists: &[List],
    ) {
        let readings = self.metering.selected(&self.cx, number, lists);
        if readings.is_empty() {
            return;
        }
        // First the register: what a power loss ends a transaction with is not less than what
        // has been told of it.
        self.save_with_readings(number);
        let stamp = self.transaction_stamp(number);
        let mut body = |record: &mut Encoder| store_readings(record, context, &readings);
        // The application hears of a failure; a sample is not worth more.
        let message = Message {
            trigger: match context {
                Context::SampleClock => TriggerReason::MeterValueClock,
                Context::SamplePeriodic => TriggerReason::MeterValuePeriodic,
                _ => TriggerReason::Trigger,
            },
            ..Message::of(kind, number, transaction, stamp)
        };
        let _ = self.store_message(message, &mut body);
    }

    fn take_sample(&mut self, number: u8, context: Context) {
        let stamp = self.transaction_stamp(number);
        let up = match context {
            Context::Trigger => self.connection.is_up(),
            _ => self.is_online(),
        };
        self.metering.take_sample(number, context, stamp, up);
    }

    /// Sends readings of now that were triggered, or clock-aligned ones.
    pub(in crate::station) fn call_sample(&mut self, context: Context) -> bool {
        let transactions = &*self.transactions;
        let transaction_id = |number| transactions.running(number)?.id();
        self.metering
            .call_sample(&self.cx, &mut self.rpc, context, &transaction_id)
    }

    /// MeterValueSampleInterval has changed.
    pub(in crate::station) fn reschedule_samples(&mut self) {
        let next = self.next_sample();
        for transaction in self.transactions.all_running() {
            transaction.sample_at(next);
        }
    }

    /// When the next sample of a transaction of now is due.
    pub(super) fn next_sample(&self) -> Option<u64> {
        match self.cx.settings.millis(Key::MeterValueSampleInterval) {
            0 => None,
            interval => Some(self.cx.now + interval),
        }
    }

    pub(in crate::station) fn sample_transactions(&mut self) {
        let interval = self.cx.settings.millis(Key::MeterValueSampleInterval);
        let (mut from, now) = (0, self.cx.now);
        while let Some((number, sample, check)) = self.transactions.take_due(from, now, interval) {
            from = number + 1;
            if sample {
                self.want(number, Purpose::Periodic);
            }
            if check {
                self.want(number, Purpose::Register);
            }
        }
    }

    pub(in crate::station) fn sample_aligned(&mut self) {
        if self.metering.take_aligned(&self.cx) {
            for number in self.all_numbers() {
                // The main meter is read only where there is one.
                if number != 0 || self.metering.has_said(0) {
                    self.want(number, Purpose::Clock);
                }
            }
        }
    }

    /// True when a reading of that kind is of use, of the whole or of a phase: it bills, or one of
    /// the four lists asks for it (`MeterValuesSampledData` and so on).
    pub fn wants(&self, measurand: Measurand) -> bool {
        let phases = Phase::ALL.iter().map(|&phase| Some(phase));
        let mut phases = [None].into_iter().chain(phases);
        phases.any(|phase| self.wants_measured(Measured { measurand, phase }))
    }

    /// True when that reading is of use: it bills, or one of the four lists asks for it. A list that
    /// names no phase asks for the whole, or for all phases where the whole is not declared.
    pub fn wants_measured(&self, measured: Measured) -> bool {
        self.cx.settings.asks_for(measured)
    }
}
