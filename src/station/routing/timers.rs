//! What a station waits for besides the application and the central system: one list of all that
//! becomes due by itself.

use crate::station::{Station, registration::heartbeat_at};

struct Timer {
    /// When; nothing while it does not run.
    due: fn(&Station<'_>) -> Option<u64>,
    /// What is done then; `None` where [`Station::poll`] looks at it anyway: a connection to be made,
    /// an event, a CALL whose turn it may be.
    run: Option<fn(&mut Station<'_>)>,
}

const TIMERS: &[Timer] = &[
    Timer {
        due: |station| station.rpc.deadline(station.cx.settings.message_timeout()),
        run: Some(|station| station.expire_call()),
    },
    Timer {
        due: |station| station.deferred.deadline(),
        run: Some(|station| station.expire_deferred()),
    },
    Timer {
        due: |station| station.transactions.preparing_deadline(),
        run: Some(|station| station.expire_preparing()),
    },
    Timer {
        due: |station| station.metering.deadline(),
        run: Some(|station| station.expire_readings()),
    },
    Timer {
        due: |station| station.transactions.sample_deadline(),
        run: Some(|station| station.sample_transactions()),
    },
    Timer {
        due: |station| station.metering.aligned_deadline(),
        run: Some(|station| station.sample_aligned()),
    },
    #[cfg(feature = "reservation")]
    Timer {
        due: |station| station.reservations.deadline(&station.cx),
        run: Some(|station| station.expire_reservations()),
    },
    #[cfg(feature = "security")]
    Timer {
        due: |station| station.renewal_at(),
        run: Some(|station| station.renew_connection()),
    },
    Timer {
        due: |station| station.connection.deadline(),
        run: None,
    },
    Timer {
        due: |station| {
            let calls = station.connection.is_up() && station.may_call();
            calls.then(|| station.registration.deadline()).flatten()
        },
        run: None,
    },
    Timer {
        due: |station| {
            let reports = station.is_online();
            reports
                .then(|| station.status.deadline(&station.cx))
                .flatten()
        },
        run: None,
    },
    Timer {
        due: |station| {
            station
                .calls()
                .then(|| heartbeat_at(&station.cx, &station.rpc))
        },
        run: None,
    },
    Timer {
        due: |station| {
            // A hard reset leaves delivery to the next boot.
            let delivers = station.calls() && !station.reset.is_hard();
            delivers
                .then(|| station.outbox.deadline(&station.cx))
                .flatten()
        },
        run: None,
    },
    #[cfg(feature = "security")]
    Timer {
        due: |station| {
            let calls = station.calls();
            calls.then(|| station.security_events_deadline()).flatten()
        },
        run: None,
    },
    Timer {
        due: |station| station.reset.deadline(&station.cx),
        run: None,
    },
    // Behind all that ends transactions and CALLs.
    #[cfg(feature = "firmware-management")]
    Timer {
        due: |station| station.transfers_deadline(),
        run: Some(|station| station.go_on_with_transfers()),
    },
];

/// What takes no transmit buffer: it does not wait for a connection that takes no frame.
const SILENT: &[Timer] = &[
    #[cfg(feature = "smart-charging")]
    Timer {
        due: |station| station.smart_charging.deadline(),
        run: Some(|station| station.update_limits()),
    },
];

impl Station<'_> {
    /// True when the station may talk about charging, and waits for no answer.
    fn calls(&self) -> bool {
        self.is_online() && self.may_call()
    }

    /// True when no CALL of the station waits for its answer, and one may be begun.
    pub(in crate::station) fn may_call(&self) -> bool {
        #[cfg(feature = "security")]
        if self.access.is_renewing() {
            return false;
        }
        self.rpc.is_idle()
    }

    /// Does all that is due, once in a moment: what is done then makes nothing else due at once.
    pub(in crate::station) fn run_timers(&mut self) {
        if self.quiet_until > self.cx.now {
            return;
        }
        self.run_all(TIMERS);
        self.run_silent_timers();
        // One answer at a time leaves others to be given.
        if !self.rpc.has_frame() {
            self.quiet_until = self.cx.now + 1;
        }
    }

    /// As [`Self::run_timers`], while a frame waits to be sent.
    pub(in crate::station) fn run_silent_timers(&mut self) {
        self.run_all(SILENT);
    }

    fn run_all(&mut self, timers: &[Timer]) {
        for timer in timers {
            if let Some(run) = timer.run
                && (timer.due)(self).is_some_and(|due| due <= self.cx.now)
            {
                run(self);
                self.is_energy_told = false;
            }
        }
    }

    /// When the first of them is due next; `u64::MAX` for never.
    pub(in crate::station) fn next_deadline(&self) -> u64 {
        self.first_of(TIMERS).min(self.next_silent_deadline())
    }

    /// When the first is due that does not wait for a frame to be sent.
    pub(in crate::station) fn next_silent_deadline(&self) -> u64 {
        self.first_of(SILENT)
    }

    fn first_of(&self, timers: &[Timer]) -> u64 {
        let due = timers.iter().filter_map(|timer| (timer.due)(self));
        due.min().unwrap_or(u64::MAX)
    }
}
