//! The connection of a station under power: made, read, written, lost.

use std::time::Instant;

use fleet_engine::{
    limits::RECV_BUFFER_SIZE,
    station::{Input, Key},
};
use mio::Token;
use serde_json::json;
use tungstenite::{handshake::client::generate_key, protocol::frame::coding::OpCode};

use super::{OPENING_MS, Running};
use crate::{
    frames,
    link::{Failure, Link, State},
    station::{Common, Site, count},
    stats::{add, shift},
    trouble::Trouble,
};

impl Running<'_, '_> {
    pub(super) fn connect(&mut self, subprotocol: &'static str) {
        let (common, now) = (self.common, self.common.now());
        self.subprotocol = subprotocol;
        let is_possible = now >= common.outage_until.get().max(self.site.outage_until);
        let (setup, place) = (&common.setup, self.site.plan.place);
        let from = setup.source(self.site.plan.number);
        let link = &mut self.site.link;
        let opened = is_possible
            && link
                .open(
                    &common.registry,
                    Token(place),
                    setup.address,
                    from,
                    &generate_key(),
                )
                .is_ok();
        if opened {
            self.opens_until = now + OPENING_MS;
        } else {
            self.trouble(Failure::Refused);
            // It was asked for: there is no reason to refuse it.
            let _ = self.station.handle(now, Input::Disconnected);
        }
    }

    /// The socket can be read or written.
    pub(super) fn ready(&mut self) -> Result<(), Failure> {
        let common = self.common;
        if self.site.link.finish_connecting()? {
            let setup = &common.setup;
            if let State::Handshaking(key) = &self.site.link.state {
                let request = setup.request(&self.site.identity, key, self.subprotocol);
                self.site.link.write(request.as_bytes())?;
            }
        }
        self.site.link.flush()?;
        let mut buffer = common.read.borrow_mut();
        while let Some(read) = self.site.link.read(&mut buffer)? {
            add(&common.stats.counters.bytes_in, read as u64);
            let bytes = buffer.get(..read).unwrap_or_default();
            if self.site.link.is_open() {
                self.take(bytes)?;
            } else if self.site.link.take_head(bytes, self.subprotocol)? {
                self.opened();
                self.take(&[])?;
            }
        }
        Ok(())
    }

    pub(super) fn opened(&mut self) {
        let (now, stats) = (self.common.now(), &self.common.stats);
        count(&stats.counters.connections);
        shift(&stats.gauges.connected, 1);
        self.opens_until = u64::MAX;
        self.schedule_ping(now);
        self.tell_event(
            "connected",
            |this| json!({ "url": this.common.setup.url_of(this.site.plan.number) }),
        );
        self.tell(Input::Connected);
    }

    /// Takes bytes of frames.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let whole = match self.site.link.partial.is_empty() {
            true => None,
            false => {
                let mut whole = std::mem::take(&mut self.site.link.partial);
                whole.extend_from_slice(bytes);
                Some(whole)
            }
        };
        let mut left = whole.as_deref().unwrap_or(bytes);
        while let Some(frame) = frames::next(left).map_err(|_| Failure::Lost)? {
            let (start, end) = frame.payload;
            let payload = left.get(start..end).unwrap_or_default();
            self.take_frame(&frame, payload)?;
            if !self.site.link.is_open() {
                return Ok(());
            }
            left = left.get(end..).unwrap_or_default();
        }
        // No more than what it is: there are thousands.
        self.site.link.partial = match left.is_empty() {
            true => Vec::new(),
            false => left.to_vec(),
        };
        Ok(())
    }

    pub(super) fn take_frame(
        &mut self,
        frame: &frames::Frame,
        payload: &[u8],
    ) -> Result<(), Failure> {
        match (frame.opcode, frame.is_final) {
            (frames::TEXT, true) => self.take_text(payload),
            (frames::TEXT, false) => self.site.link.message = payload.to_vec(),
            (frames::CONTINUATION, is_final) => {
                self.site.link.message.extend_from_slice(payload);
                if is_final {
                    let message = std::mem::take(&mut self.site.link.message);
                    self.take_text(&message);
                } else if self.site.link.message.len() > 1 << 20 {
                    return Err(Failure::Lost);
                }
            }
            (frames::PING, _) => return write(self.common, self.site, frames::PONG, payload),
            (frames::PONG, _) => self.is_pong_awaited = false,
            (frames::CLOSE, _) => {
                // Whether the answer arrives is not important any more.
                let _ = write(self.common, self.site, frames::CLOSE, payload);
                return Err(Failure::Lost);
            }
            _ => return Err(Failure::Lost),
        }
        Ok(())
    }

    pub(super) fn take_text(&mut self, text: &[u8]) {
        self.site.keep(self.common, true, text);
        let counters = &self.common.stats.counters;
        let kind = text.iter().find(|byte| byte.is_ascii_digit());
        match (kind, self.called) {
            (Some(b'2'), _) => count(&counters.requests),
            (Some(b'3' | b'4'), Some(called)) => {
                self.called = None;
                let micros = u64::try_from(called.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.common.stats.took(micros);
                match kind {
                    Some(b'3') => count(&counters.results),
                    _ => self.trouble(Trouble::CallError),
                }
            }
            _ => {}
        }
        match text.get(..RECV_BUFFER_SIZE) {
            Some(beginning) if text.len() > RECV_BUFFER_SIZE => {
                self.tell(Input::FrameTooLong(beginning));
            }
            _ => self.tell(Input::Frame(text)),
        }
        self.settle();
    }

    pub(super) fn schedule_ping(&mut self, now: u64) {
        let seconds = u64::from(
            self.station
                .configuration_number(Key::WebSocketPingInterval),
        );
        self.is_pong_awaited = false;
        self.next_ping = match seconds {
            0 => u64::MAX,
            seconds => now + seconds * 1_000,
        };
    }

    pub(super) fn ping(&mut self, now: u64) {
        if self.is_pong_awaited {
            return self.hang_up(Failure::Lost);
        }
        self.schedule_ping(now);
        self.is_pong_awaited = true;
        if let Err(failure) = write(self.common, self.site, frames::PING, b"") {
            self.hang_up(failure);
        }
    }

    /// The network is gone.
    pub(super) fn lose_link(&mut self) {
        let failure = match self.site.link.state {
            State::Closed => return,
            State::Open => Failure::Lost,
            _ => Failure::Refused,
        };
        self.hang_up(failure);
    }

    pub(super) fn hang_up(&mut self, failure: Failure) {
        self.trouble(failure);
        self.cut();
        self.tell(Input::Disconnected);
    }

    pub(super) fn cut(&mut self) {
        if self.site.link.is_open() {
            shift(&self.common.stats.gauges.connected, -1);
            self.tell_event(
                "disconnected",
                |_| json!({ "reason": "the connection has ended" }),
            );
        }
        self.site.link = Link::default();
        (self.opens_until, self.next_ping, self.called) = (u64::MAX, u64::MAX, None);
    }
}

/// Sends a text.
pub(super) fn send(
    common: &Common,
    site: &mut Site,
    called: &mut Option<Instant>,
    text: &str,
) -> Result<(), Failure> {
    let counters = &common.stats.counters;
    if text.starts_with("[2,") {
        count(&counters.calls);
        *called = Some(Instant::now());
        if text.contains(r#","MeterValues",{"#) || text.contains(r#""eventType":"Updated""#) {
            count(&counters.samples);
        }
    }
    site.keep(common, false, text.as_bytes());
    write(common, site, frames::TEXT, text.as_bytes())
}

fn write(common: &Common, site: &mut Site, opcode: OpCode, payload: &[u8]) -> Result<(), Failure> {
    let mut out = common.out.borrow_mut();
    out.clear();
    frames::write(&mut out, opcode, payload, site.random.mask());
    add(&common.stats.counters.bytes_out, out.len() as u64);
    site.link.write(&out)
}
