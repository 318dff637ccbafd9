//! The network of a running station: connections opened, used, lost and broken.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ocpp::{
    Version,
    domain::SecurityEvent,
    station::{Input, Key},
    v16::deviation,
};

use super::powered::Powered;
use crate::{
    address::Access,
    exchange::{Direction, Exchange},
    link::{self, News, Target},
    password::Password,
    report::Happening,
    secrets,
};

impl Powered<'_> {
    pub(super) fn take_news(&mut self, news: News) {
        match news {
            News::Opened(connection) => {
                self.connecting = false;
                self.connection = Some(connection);
                self.unreachable = false;
                self.told_refusal = None;
                self.report.tell(Happening::Connected {
                    url: self.settings.address.url(&self.access),
                });
                self.tell(Input::Connected);
            }
            News::Failed(refusal) => {
                self.connecting = false;
                self.unreachable = true;
                self.report.tell(Happening::Error {
                    message: refusal.problem,
                    security_event: refusal.event,
                });
                self.tell_refusal(refusal.event);
                self.tell(Input::Disconnected);
            }
            News::Text {
                text,
                bytes,
                at,
                share,
            } => {
                let (exchange, _) = self.exchanges.note(Direction::In, &text, at);
                self.report.tell(Happening::Frame {
                    direction: Direction::In,
                    text: secrets::without_password(&text).into_owned(),
                    bytes,
                    exchange: exchange.clone(),
                });
                if bytes.is_none() {
                    self.tell_deviations(&text, &exchange);
                }
                self.tell(match bytes {
                    None => Input::Frame(text.as_bytes()),
                    Some(_) => Input::FrameTooLong(text.as_bytes()),
                });
                drop(share);
            }
            News::Offence(problem) => self.report.error(problem),
            News::Closed(reason) => self.disconnected(reason),
        }
    }

    /// Tells the station why it got no connection, once for attempts that end alike.
    fn tell_refusal(&mut self, refusal: Option<SecurityEvent>) {
        let told = std::mem::replace(&mut self.told_refusal, refusal);
        if let Some(event) = refusal.filter(|_| told != refusal) {
            self.tell(Input::SecurityEvent {
                event,
                tech_info: "",
            });
        }
    }

    /// Tells where a frame is not to the letter of OCPP 1.6; those of other versions are not looked
    /// at.
    fn tell_deviations(&mut self, text: &str, exchange: &Exchange) {
        if self.settings.version != Version::V16 {
            return;
        }
        let report = &mut *self.report;
        deviation::find(text, exchange.action(), &mut |place, rule| {
            report.tell(Happening::Deviation {
                exchange: exchange.clone(),
                field: place.to_string(),
                rule: rule.to_string(),
            });
        });
    }

    /// The connection is gone.
    fn disconnected(&mut self, reason: String) {
        *self.link_number += 1;
        self.connecting = false;
        self.exchanges.forget();
        // A connection that never opened was not told of either.
        if self.connection.take().is_some() {
            self.report.tell(Happening::Disconnected { reason });
        }
        self.tell(Input::Disconnected);
    }

    /// Ends a connection over which the central system answers nothing any more, or that is made anew in
    /// another way.
    pub(super) fn hang_up(&mut self) {
        *self.link_number += 1;
        self.exchanges.forget();
        if let Some(connection) = self.connection.take() {
            connection.close(Duration::ZERO);
            let reason = match self.access_now() == self.access {
                true => "the central system answers nothing",
                false => "closed here: security profile or password were changed",
            };
            let reason = reason.to_owned();
            self.report.tell(Happening::Disconnected { reason });
        }
    }

    /// Breaks the network: what is connected, or about to be, is gone without a word.
    pub(super) fn break_network(&mut self) {
        self.hardware.network = false;
        if self.connection.is_some() || self.connecting {
            self.disconnected("the link is down".to_owned());
        }
    }

    /// Ends the connection as a station does that goes down in order.
    pub(super) fn close(&mut self) {
        *self.link_number += 1;
        if let Some(connection) = self.connection.take() {
            connection.close(self.settings.latency);
            self.report.tell(Happening::Disconnected {
                reason: "closed here".to_owned(),
            });
        }
    }

    /// Ends the connection as a cut cable does.
    pub(super) fn cut(&mut self) {
        *self.link_number += 1;
        if let Some(connection) = self.connection.take() {
            drop(connection);
            self.report.tell(Happening::Disconnected {
                reason: "power is lost".to_owned(),
            });
        }
    }

    /// Opens a connection for that subprotocol.
    pub(super) fn connect(&mut self, subprotocol: &'static str) {
        *self.link_number += 1;
        self.unreachable = false;
        self.access = self.access_now();
        let files = match self.access.uses_tls() {
            true => Arc::new(self.tls_files()),
            false => Arc::clone(&self.settings.tls),
        };
        let opening = if self.hardware.network {
            let target = Target {
                address: self.settings.address.clone(),
                access: self.access.clone(),
                files,
                subprotocol,
            };
            link::open(
                target,
                *self.link_number,
                self.ping_interval(),
                self.inbox.clone(),
            )
        } else {
            Err("cannot connect: the link is down".to_owned())
        };
        match opening {
            Ok(()) => self.connecting = true,
            Err(problem) => self.take_news(News::Failed(problem.into())),
        }
    }

    /// What the next connection is made with.
    fn access_now(&self) -> Access {
        let credentials = self.station.credentials();
        Access {
            security_profile: credentials.security_profile,
            password: Password::new(credentials.authorization_key),
        }
    }

    fn ping_interval(&self) -> Duration {
        let seconds = self
            .station
            .configuration_number(Key::WebSocketPingInterval);
        Duration::from_secs(seconds.into())
    }

    pub(super) fn ping_interval_changed(&mut self) {
        let interval = self.ping_interval();
        if let Some(connection) = &self.connection {
            connection.ping_every(interval);
        }
    }

    pub(super) fn send(&mut self, text: String) {
        // A frame for a connection that is gone is gone with it.
        let Some(connection) = &self.connection else {
            return;
        };
        let now = Instant::now();
        let (exchange, called_at) = self.exchanges.note(Direction::Out, &text, now);
        // Each answer by its own CALL: those that came together are not late one after the other.
        let due = called_at.map_or(now, |at| at + self.settings.latency);
        connection.send(text.clone(), due);
        self.report.tell(Happening::Frame {
            direction: Direction::Out,
            text,
            bytes: None,
            exchange,
        });
    }
}
