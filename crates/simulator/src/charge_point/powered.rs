//! A station from its boot to its end: what it wants is done, what happens is told to it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use ocpp::{
    domain::{BootReason, ChargePointError, RegistrationStatus, SecurityEvent, Status},
    station::{Event, Input, Output, Refused, Station},
};

use super::{
    Hardware, Inbox, Lasting, Queue, Settings, files::OnItsWay, leaving::Leaving, queue::Item,
};
use crate::{
    address::Access, exchange::Exchanges, files::Images, inbox::Message, keys::Keys,
    link::Connection, report::Report,
};

/// How often the meters are read without a request.
const READING_INTERVAL: Duration = Duration::from_secs(1);

/// How soon a request for a certificate that could not be sent is tried again.
const SIGNING_RETRY: Duration = Duration::from_millis(50);

/// Why a station ends.
#[derive(Clone, Debug)]
pub enum End {
    Quit,
    /// With what its next boot has to be told of it: nothing of what the station knows itself.
    Restart(Option<BootReason>),
    /// It goes on with these.
    Elsewhere(Box<Settings>),
}

/// Something the station wants, to be done when it waits.
#[derive(Debug)]
enum Wish {
    Event(Event),
    /// For that subprotocol.
    Connect(&'static str),
    Disconnect,
}

/// A running station and all it works with.
pub struct Powered<'a> {
    pub(super) station: Station<'a>,
    pub(super) settings: &'a Settings,
    pub(super) hardware: &'a mut Hardware,
    pub(super) queue: &'a mut Queue,
    messages: &'a Receiver<Message>,
    pub(super) inbox: &'a Inbox,
    pub(super) report: &'a mut Report,
    pub(super) link_number: &'a mut u64,
    pub(super) connection: Option<Connection>,
    pub(super) connecting: bool,
    /// What the connection is made with, or was at last.
    pub(super) access: Access,
    /// Why the last attempt to connect failed, as the station was told.
    pub(super) told_refusal: Option<SecurityEvent>,
    /// The last attempt to connect failed.
    pub(super) unreachable: bool,
    pub(super) exchanges: Exchanges,
    pub(super) registered: Option<RegistrationStatus>,
    pub(super) statuses: BTreeMap<u8, (Status, ChargePointError)>,
    wishes: VecDeque<Wish>,
    booted: Instant,
    /// Milliseconds that were skipped since.
    skipped: u64,
    /// `t` of then, for what the station tells of its own milliseconds.
    pub(super) booted_at: u64,
    /// When the station wants to be asked again, in its milliseconds.
    wakes_at: u64,
    next_reading: Instant,
    pub(super) leaving: Option<Leaving>,
    pub(super) end: Option<End>,
    pub(super) images: &'a Images,
    pub(super) keys: &'a mut Keys,
    /// The request for a certificate has been sent, and waits for its answer.
    pub(super) is_request_sent: bool,
    pub(super) file_number: &'a mut u64,
    /// Files on their way.
    pub(super) files: Vec<OnItsWay>,
    /// When an installation that is under way has taken its time.
    pub(super) installing: Option<Instant>,
}

impl<'a> Powered<'a> {
    pub fn new(station: Station<'a>, settings: &'a Settings, lasting: &'a mut Lasting) -> Self {
        let Lasting {
            hardware,
            queue,
            messages,
            inbox,
            report,
            link_number,
            images,
            keys,
            file_number,
        } = lasting;
        let now = Instant::now();
        let booted_at = report.millis();
        Self {
            station,
            settings,
            hardware,
            queue,
            messages,
            inbox,
            report,
            link_number,
            connection: None,
            connecting: false,
            access: settings.access.clone(),
            told_refusal: None,
            unreachable: false,
            exchanges: Exchanges::default(),
            registered: None,
            statuses: BTreeMap::new(),
            wishes: VecDeque::new(),
            booted: now,
            skipped: 0,
            booted_at,
            wakes_at: 0,
            next_reading: now + READING_INTERVAL,
            leaving: None,
            end: None,
            images,
            keys,
            is_request_sent: false,
            file_number,
            files: Vec::new(),
            installing: None,
        }
    }

    /// Works until the station ends.
    pub fn run(mut self) -> End {
        self.find_hardware();
        loop {
            self.settle();
            self.obey_due();
            self.go_on_installing();
            self.go_on_signing();
            self.settle();
            self.go_on_leaving();
            if self.report.is_broken() {
                self.end = Some(End::Quit);
            }
            self.publish();
            if let Some(end) = self.end.take() {
                self.hardware.lose_power();
                self.cancel_files();
                self.close();
                // Who was about to leave does not come back.
                return if self.leaving.is_some() {
                    End::Quit
                } else {
                    end
                };
            }
            match self.messages.recv_timeout(self.patience()) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
                // There is always a sender: this one.
                Err(RecvTimeoutError::Disconnected) => self.end = Some(End::Quit),
            }
            if Instant::now() >= self.next_reading {
                self.next_reading = Instant::now() + READING_INTERVAL;
                self.read_meters();
                self.suspend_full_vehicles();
                self.publish_sample();
            }
        }
    }

    /// Tells a station that has just booted what it finds.
    fn find_hardware(&mut self) {
        self.read_meters();
        if let Some(fault) = self.hardware.fault.clone() {
            self.tell_fault(0, &fault);
        }
        for number in self.hardware.numbers() {
            let Some(connector) = self.hardware.connector(number) else {
                continue;
            };
            let (plugged, fault) = (connector.is_plugged(), connector.fault.clone());
            if plugged {
                self.tell(Input::Plugged(number));
            }
            if let Some(fault) = fault {
                self.tell_fault(number, &fault);
            }
        }
    }

    fn patience(&self) -> Duration {
        let now = Instant::now();
        let wakes_at = self.booted.checked_add(Duration::from_millis(
            self.wakes_at.saturating_sub(self.skipped),
        ));
        let deadlines = [
            Some(self.next_reading),
            wakes_at,
            self.queue.deadline(),
            self.installing,
            self.leaving.as_ref().map(|_| now + Leaving::STEP),
            self.wants_to_sign().then(|| now + SIGNING_RETRY),
        ];
        let next = deadlines.into_iter().flatten().min();
        next.map_or(READING_INTERVAL, |next| next.saturating_duration_since(now))
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Line(line) => self.queue.push(Item::Line(line)),
            Message::Unreadable => self.queue.push(Item::Unreadable),
            Message::EndOfInput => self.queue.push(Item::End),
            Message::Question(question) => self.answer(question),
            // What is left of an older connection ends here; dropping an open one cuts it.
            Message::Link { number, .. } if number != *self.link_number => {}
            Message::Link { news, .. } => self.take_news(news),
            Message::File { number, outcome } => self.file_ended(number, outcome),
        }
    }

    /// Reads all meters.
    pub(super) fn read_meters(&mut self) {
        self.read_meter(0);
        for number in self.hardware.numbers() {
            self.read_meter(number);
        }
    }

    /// Reads a meter and tells the station what it says.
    pub(super) fn read_meter(&mut self, number: u8) {
        let read = self.hardware.read_meter(number);
        if let Some(problem) = read.problem {
            self.report.error(problem);
        }
        self.tell(Input::Meter {
            connector: number,
            readings: &read.readings,
        });
    }

    /// Milliseconds since this station booted, as it sees them.
    pub(super) fn now(&self) -> u64 {
        let elapsed = u64::try_from(self.booted.elapsed().as_millis()).unwrap_or(u64::MAX);
        elapsed.saturating_add(self.skipped)
    }

    /// So many milliseconds pass at once for the station.
    pub(super) fn skip(&mut self, millis: u64) {
        self.skipped = self.skipped.saturating_add(millis);
    }

    /// `t` of what the station will do at that time of its own.
    pub(super) fn told_at(&self, at: u64) -> u64 {
        self.booted_at + at.saturating_sub(self.skipped)
    }

    /// Tells the station something that it may refuse.
    pub(super) fn ask(&mut self, input: Input<'_>) -> Result<(), Refused> {
        let outcome = self.station.handle(self.now(), input);
        self.drain();
        outcome
    }

    /// Tells the station something that it has no reason to refuse.
    pub(super) fn tell(&mut self, input: Input<'_>) {
        if let Err(refused) = self.ask(input) {
            let name = format!("{input:?}");
            let name = name.split([' ', '(']).next().unwrap_or_default();
            self.report
                .error(format!("{name} was refused: {refused:?}"));
        }
    }

    /// Sends what the station sends, and remembers what it wants, until it waits.
    fn drain(&mut self) {
        let mut frame = String::new();
        loop {
            let now = self.now();
            match self.station.poll(now) {
                Output::SendPart(text) => frame.push_str(text),
                Output::Send(text) => {
                    frame.push_str(text);
                    self.send(std::mem::take(&mut frame));
                }
                Output::Connect { subprotocol } => {
                    self.wishes.push_back(Wish::Connect(subprotocol));
                }
                Output::Disconnect => self.wishes.push_back(Wish::Disconnect),
                Output::Event(event) => {
                    self.report_event(&event);
                    match event {
                        // At once: no meter may be read in between, or the energy until the
                        // contactor opens is not billed.
                        Event::Energy { connector, allowed } => {
                            self.hardware.switch(connector, allowed);
                        }
                        Event::ChargingLimit { connector, limit } => {
                            self.hardware.limit(connector, limit);
                        }
                        event => self.wishes.push_back(Wish::Event(event)),
                    }
                }
                Output::Wait(until) => {
                    self.wakes_at = until;
                    return;
                }
            }
        }
    }

    /// Does what the station wants, until it wants nothing more or ends.
    pub(super) fn settle(&mut self) {
        // One that has ended is not even asked any more: power may be lost.
        if self.end.is_none() {
            self.drain();
        }
        while self.end.is_none() {
            match self.wishes.pop_front() {
                Some(Wish::Connect(subprotocol)) => self.connect(subprotocol),
                Some(Wish::Disconnect) => self.hang_up(),
                Some(Wish::Event(event)) => self.react(event),
                None => return,
            }
        }
    }
}
