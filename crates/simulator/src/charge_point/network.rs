//! The network of a running station: connections opened, used, lost and broken.

use std::time::Duration;

use ocpp::{
    station::{Input, Key},
    v16::deviation,
};

use super::powered::Powered;
use crate::{
    exchange::{Direction, Exchange},
    link::{self, News},
    report::Happening,
};

impl Powered<'_> {
    pub(super) fn take_news(&mut self, news: News) {
        match news {
            News::Opened(connection) => {
                self.connecting = false;
                self.connection = Some(connection);
                self.unreachable = false;
                self.report.tell(Happening::Connected {
                    url: self.settings.address.url(),
                });
                self.tell(Input::Connected);
            }
            News::Failed(problem) => {
                self.connecting = false;
                self.unreachable = true;
                self.report.error(problem);
                self.tell(Input::Disconnected);
            }
            News::Text(text) => {
                let exchange = self.exchanges.note(Direction::In, &text);
                self.report.tell(Happening::Frame {
                    direction: Direction::In,
                    text: text.clone(),
                    exchange: exchange.clone(),
                });
                self.tell_deviations(&text, &exchange);
                self.tell(Input::Frame(text.as_bytes()));
            }
            News::Offence(problem) => self.report.error(problem),
            News::Closed(reason) => self.disconnected(reason),
        }
    }

    /// Tells where a frame is not to the letter of OCPP 1.6.
    fn tell_deviations(&mut self, text: &str, exchange: &Exchange) {
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
            connection.close();
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

    pub(super) fn connect(&mut self) {
        *self.link_number += 1;
        self.unreachable = false;
        let opening = if self.hardware.network {
            link::open(
                self.settings.address.clone(),
                *self.link_number,
                self.ping_interval(),
                self.inbox.clone(),
            )
        } else {
            Err("cannot connect: the link is down".to_owned())
        };
        match opening {
            Ok(()) => self.connecting = true,
            Err(problem) => self.take_news(News::Failed(problem)),
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
        connection.send(text.clone());
        let exchange = self.exchanges.note(Direction::Out, &text);
        self.report.tell(Happening::Frame {
            direction: Direction::Out,
            text,
            exchange,
        });
    }
}
