//! What the shell prints: looked up, and put into words, by the engine's thread.

use ocpp::{
    domain::{ChargePointError, ConfigurationStatus, RegistrationStatus},
    limits::JOURNAL_SLOTS,
    station::{Input, Key},
    wire::{UnixMillis, timestamp},
};

use super::Engine;
use crate::{
    calls::{CallId, Reply},
    errno::Error,
    kernel,
    log::{Piece, put},
    pending_calls::reply,
    settings::SETTINGS,
    shell::{PendingQuery, QUERY_BUFFER, Query, Text, VALUE},
    text::CText,
};

/// A query that waits for the meter of a connector.
pub(super) struct MeterQuery {
    id: CallId,
    query: PendingQuery,
    connector: u8,
    until: u64,
}

/// How long it waits: less than the shell does.
const METER_QUERY_TIMEOUT_MS: u64 = 2000;

/// Where values stand behind their names.
const COLUMN: usize = 16;

/// `2026-01-01T00:00:05`: of a time stamp, what a person reads.
const SECONDS: usize = 19;

/// Added to what is waited for, in milliseconds: it is over when it is 0 s.
const ROUNDED_UP: u64 = 999;

macro_rules! say {
    ($text:ident, $($piece:expr),+ $(,)?) => {
        put($text, &[$(Piece::from($piece)),+])
    };
}

#[cfg(any(
    feature = "local-list",
    feature = "reservation",
    feature = "security",
    feature = "smart-charging"
))]
mod profiles;

impl Engine {
    /// Answers a query of the shell.
    #[inline(never)]
    pub(super) fn answer_query(&mut self, id: CallId, pending: PendingQuery) {
        let answered = match pending.query {
            Query::Configure(key) => self.configure_for_shell(pending, key),
            Query::Reconnect => self.reconnect_for_shell(pending),
            Query::Connector(connector) if connector > 0 => {
                return self.read_meter_first(id, pending, connector);
            }
            _ => self.describe_for_shell(pending),
        };
        reply(id, answered);
    }

    fn describe_for_shell(&mut self, pending: PendingQuery) -> Result<Reply, Error> {
        // A shell that has timed out has given the buffer back.
        QUERY_BUFFER.with(|buffer| {
            if let Some(text) = buffer.text(pending) {
                text.clear();
                self.describe(text, pending.query);
            }
        });
        Ok(Reply::Done)
    }

    /// Has the meter of a connector read before the query is answered: the register that the
    /// station knows is as old as the last sample.
    fn read_meter_first(&mut self, id: CallId, pending: PendingQuery, connector: u8) {
        if let Some(before) = self.meter_query.take() {
            self.answer_meter_query(before);
        }
        self.want_meter(connector);
        self.meter_query = Some(MeterQuery {
            id,
            query: pending,
            connector,
            until: kernel::now() + METER_QUERY_TIMEOUT_MS,
        });
    }

    fn answer_meter_query(&mut self, meter_query: MeterQuery) {
        let answered = self.describe_for_shell(meter_query.query);
        reply(meter_query.id, answered);
    }

    /// The meter of a connector was read.
    pub(super) fn meter_query_read(&mut self, connector: u8) {
        if let Some(meter_query) = self
            .meter_query
            .take_if(|meter_query| meter_query.connector == connector)
        {
            self.answer_meter_query(meter_query);
        }
    }

    /// Answers with the last known register if the meter is not read in time.
    pub(super) fn meter_query_expired(&mut self) {
        let now = kernel::now();
        if let Some(meter_query) = self
            .meter_query
            .take_if(|meter_query| meter_query.until <= now)
        {
            self.answer_meter_query(meter_query);
        }
    }

    /// Deadline of a query that waits for a meter.
    pub(super) fn meter_query_deadline(&self) -> u64 {
        self.meter_query
            .as_ref()
            .map_or(u64::MAX, |meter_query| meter_query.until)
    }

    fn describe(&mut self, text: &mut Text, query: Query) {
        match query {
            Query::Status => self.describe_status(text),
            Query::Connector(connector) => self.describe_connector(text, connector),
            Query::Queue => self.describe_queue(text),
            Query::Value(key) => self.describe_key(text, key),
            Query::Configure(_) | Query::Reconnect => {}
            #[cfg(feature = "local-list")]
            Query::List => self.describe_list(text),
            #[cfg(feature = "local-list")]
            Query::Listed(place) => self.describe_listed(text, place.into()),
            #[cfg(feature = "security")]
            Query::Certificate(place) => self.describe_certificate(text, place),
            #[cfg(feature = "reservation")]
            Query::Reservation(connector) => self.describe_reservation(text, connector),
            #[cfg(feature = "smart-charging")]
            Query::ChargingProfile(place) => self.describe_profile(text, place.into()),
            #[cfg(feature = "smart-charging")]
            Query::Limit(connector) => self.describe_limit(text, connector),
        }
    }

    #[inline(never)]
    fn describe_status(&self, text: &mut Text) {
        let settings = SETTINGS.get();
        let host = settings.host.as_str();
        let (open, close) = match host.bytes().any(|byte| byte == b':') {
            true => ("[", "]"),
            false => ("", ""),
        };
        begin(text, "central system");
        let scheme = match super::credentials(&self.station).security_profile {
            0 | 1 => "ws://",
            _ => "wss://",
        };
        say!(text, scheme, open, host, close, ":", settings.port);
        say!(text, settings.path.as_str(), "\n");

        begin(text, "connection");
        self.describe_connection(text);
        text.push("\n");

        begin(text, "UTC");
        match self.station.utc() {
            Some(utc) => push_time(text, utc),
            None => text.push("not known"),
        }
        text.push("\n");

        begin(text, "boot");
        text.push_hex(self.station.boot(), 8);
        text.push(", the first part of its message ids\n");

        begin(text, "queue");
        say!(text, self.station.queued() as i64, " messages\n");
    }

    fn describe_connection(&self, text: &mut Text) {
        let now = kernel::now();
        if let Some(since) = self.connection.up_since() {
            text.push(match self.station.registration() {
                None => "up, not registered yet",
                Some(RegistrationStatus::Accepted) => "online",
                Some(RegistrationStatus::Pending) => "up, Pending",
                Some(RegistrationStatus::Rejected) => "up, Rejected",
            });
            text.push(", for ");
            return push_duration(text, now.saturating_sub(since));
        }
        match self.station.next_attempt() {
            None => text.push("connecting"),
            Some(at) => {
                text.push("down, next attempt in ");
                push_duration(text, at.saturating_sub(now) + ROUNDED_UP);
            }
        }
        if let Some(why) = self.connect_error {
            say!(text, "; the last one: error ", why.error);
            if why.http_status != 0 {
                say!(text, ", HTTP ", why.http_status);
            }
            say!(text, ": ", why.description(), why.name());
        }
    }

    /// Its number, status, register, transaction, idTag, error.
    #[inline(never)]
    fn describe_connector(&self, text: &mut Text, connector: u8) {
        let Some((status, error)) = self.station.condition(connector) else {
            return;
        };
        say!(text, connector);
        text.pad_to(4);
        text.push(status.as_str());
        if let Some(register) = self.station.register(connector) {
            text.pad_to(19);
            say!(text, register, " Wh");
        }
        let running = self.station.transaction(connector);
        if let Some(running) = running {
            text.pad_to(34);
            match running.transaction_id {
                Some(id) => say!(text, "transaction ", id),
                None => text.push("transaction, not numbered yet"),
            }
            text.push(", ");
            text.push_foreign(running.id_tag);
        } else if let Some(id_tag) = self.station.awaited(connector) {
            text.pad_to(34);
            text.push_foreign(id_tag);
            text.push(" may charge");
        }
        if error != ChargePointError::NoError {
            text.pad_to(34);
            text.push(if running.is_some() { ", " } else { "" });
            text.push(error.as_str());
            let details = self.station.fault_info(connector);
            if !details.is_empty() {
                text.push(": ");
                text.push_foreign(details);
            }
        }
        text.push("\n");
    }

    #[inline(never)]
    fn describe_queue(&self, text: &mut Text) {
        let queue = self.station.queue();
        begin(text, "messages");
        say!(text, queue.messages as i64, "\n");
        begin(text, "slots");
        let used = JOURNAL_SLOTS.saturating_sub(queue.free);
        say!(text, used as i64, " used, ", queue.free as i64, " free\n");
        if queue.messages == 0 {
            return;
        }
        begin(text, "first message");
        if queue.attempts > 0 {
            let most = Key::TransactionMessageAttempts;
            let most = self.station.configuration_number(most);
            say!(text, "failed ", queue.attempts, " of ", most, " times, ");
        }
        match queue.retry_at {
            Some(at) => {
                text.push("again in ");
                push_duration(text, at.saturating_sub(kernel::now()) + ROUNDED_UP);
            }
            None if !self.station.is_online() => text.push("waits for the connection"),
            None => text.push("on its way"),
        }
        text.push("\n");
    }

    #[inline(never)]
    fn describe_key(&self, text: &mut Text, key: Key) {
        say!(text, key.name(), " = ");
        let station = &self.station;
        let value = |room: &mut [u8]| Some(station.configuration_text(key, room)?.len());
        if !text.push_with(value) {
            text.push("(too long)");
        }
        if key.is_read_only() {
            text.push(" (read-only)");
        }
        text.push("\n");
    }

    #[inline(never)]
    fn configure_for_shell(&mut self, pending: PendingQuery, key: Key) -> Result<Reply, Error> {
        // Copied: no other thread waits for the lock while the value is stored.
        let value = QUERY_BUFFER.with(|buffer| {
            let value = buffer.text(pending)?;
            let mut copy = CText::<{ VALUE + 1 }>::new();
            copy.push(value.as_str());
            Some(copy)
        });
        let Some(value) = value else {
            return Err(Error::TimedOut);
        };
        let status = self.station.configure(kernel::now(), key, value.as_str());
        self.drive();
        QUERY_BUFFER.with(|buffer| {
            let Some(text) = buffer.text(pending) else {
                return;
            };
            text.clear();
            text.push(status.as_str());
            if status == ConfigurationStatus::Rejected {
                let why = match key.is_read_only() {
                    true => ": it is read-only",
                    false => ": no value of it, or not stored",
                };
                text.push(why);
            }
            text.push("\n");
        });
        match status {
            ConfigurationStatus::Accepted | ConfigurationStatus::RebootRequired => Ok(Reply::Done),
            ConfigurationStatus::Rejected => Err(Error::Refused),
            ConfigurationStatus::NotSupported => Err(Error::NotSupported),
        }
    }

    /// Closes the connection and opens it again at once. To the station it is a connection that was
    /// lost: what was not answered is sent again.
    #[inline(never)]
    fn reconnect_for_shell(&mut self, pending: PendingQuery) -> Result<Reply, Error> {
        let was_up = self.connection.is_up();
        if was_up {
            self.connection.close_later();
            self.tell(Input::Disconnected);
            self.pending_calls.complete_transactions();
        }
        let connects = self.station.connect_now(kernel::now());
        self.drive();
        QUERY_BUFFER.with(|buffer| {
            let Some(text) = buffer.text(pending) else {
                return;
            };
            text.clear();
            text.push(match (was_up, connects) {
                (true, _) => "closed; connecting\n",
                (false, true) => "connecting\n",
                (false, false) => "it is connecting already\n",
            });
        });
        Ok(Reply::Done)
    }
}

/// A line with a name in front.
fn begin(text: &mut Text, name: &str) {
    let from = text.len();
    text.push(name);
    text.pad_to(from + COLUMN);
}

/// In whole seconds: `2026-01-01T00:00:05Z`.
fn push_time(text: &mut Text, utc: UnixMillis) {
    let time = timestamp::format(utc);
    let seconds = time.get(..SECONDS);
    let seconds = seconds.and_then(|seconds| core::str::from_utf8(seconds).ok());
    say!(text, seconds.unwrap_or(""), "Z");
}

/// The two largest units of a time.
fn push_duration(text: &mut Text, millis: u64) {
    let seconds = u32::try_from(millis / 1000).unwrap_or(u32::MAX);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => say!(text, seconds, " s"),
        (0, 0, _) => say!(text, minutes, " min ", seconds % 60, " s"),
        (0, ..) => say!(text, hours, " h ", minutes % 60, " min"),
        _ => say!(text, days, " d ", hours % 24, " h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_two_largest_units() {
        for (seconds, said) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (3_600 * 2 - 1, "1 h 59 min"),
            (86_400 * 3 + 3_600 * 5, "3 d 5 h"),
        ] {
            let mut text = Text::new();
            push_duration(&mut text, seconds * 1000);
            assert_eq!(text.as_str(), said);
        }
    }

    #[test]
    fn values_stand_in_one_column() {
        let mut text = Text::new();
        begin(&mut text, "one");
        text.push("1\n");
        begin(&mut text, "another");
        text.push("2\n");
        assert_eq!(text.as_str(), "one             1\nanother         2\n");
    }
}
