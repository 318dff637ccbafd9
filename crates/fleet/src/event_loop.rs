//! A thread with its share of the stations: sockets that are ready, one heap of times.

use std::{
    cell::{Cell, RefCell},
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    future::Future,
    io::{self, ErrorKind},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError},
    },
    task::{Context, Poll as Ready, Waker as TaskWaker},
    time::{Duration, Instant},
};

use mio::{Events, Poll, Token};

use serde_json::Value;

use crate::{
    control::{Asked, Message, Question, Refusal},
    orders::Order,
    search::Search,
    setup::Setup,
    state,
    station::{Common, Plan, Wake, live},
    stats::Stats,
    table::{self, Digest},
    watchers::Watchers,
};

/// Of the waker, behind those of the stations.
pub const WAKER: Token = Token(usize::MAX - 1);
/// Sockets that are looked at at once.
const EVENTS: usize = 1024;
/// What is read at once.
const READ: usize = 64 * 1024;

type Life = Pin<Box<dyn Future<Output = ()>>>;

struct Slot {
    plan: Plan,
    /// Once it has started.
    life: Option<Life>,
    due: u64,
    /// The time for which it is in the heap.
    queued: u64,
}

pub struct EventLoop {
    poll: Poll,
    common: Rc<Common>,
    slots: Vec<Slot>,
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    messages: Receiver<Message>,
    searches: VecDeque<Search>,
}

impl EventLoop {
    pub fn new(
        poll: Poll,
        setup: Arc<Setup>,
        stats: Arc<Stats>,
        plans: Vec<Plan>,
        messages: Receiver<Message>,
        started: Instant,
    ) -> io::Result<Self> {
        let common = Rc::new(Common {
            setup,
            stats,
            registry: poll.registry().try_clone()?,
            started,
            read: RefCell::new(vec![0; READ]),
            out: RefCell::default(),
            wishes: RefCell::default(),
            wake: Cell::default(),
            due: Cell::new(0),
            outage_until: Cell::new(0),
            digest: Cell::default(),
            watchers: Watchers::default(),
        });
        let mut this = Self {
            poll,
            common,
            slots: Vec::new(),
            heap: BinaryHeap::new(),
            messages,
            searches: VecDeque::new(),
        };
        for plan in plans {
            let (place, due) = (this.slots.len(), plan.starts_at);
            this.slots.push(Slot {
                plan,
                life: None,
                due,
                queued: u64::MAX,
            });
            this.queue(place);
        }
        Ok(this)
    }

    /// Works until it is told to end.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            let next = self.heap.peek().map(|Reverse((at, _))| *at);
            let patience = match self.searches.is_empty() {
                true => next.map(|at| Duration::from_millis(at.saturating_sub(self.common.now()))),
                false => Some(Duration::ZERO),
            };
            match self.poll.poll(&mut events, patience) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let mut has_messages = false;
            for event in &events {
                match event.token() {
                    WAKER => has_messages = true,
                    Token(place) => self.wake(place, Wake::Ready),
                }
            }
            self.wake_due();
            if has_messages && !self.read_messages() {
                return Ok(());
            }
            self.search();
        }
    }

    /// False when there will be no more.
    fn read_messages(&mut self) -> bool {
        loop {
            match self.messages.try_recv() {
                Ok(Message::Order(order)) => self.obey(order),
                Ok(Message::Ask(place, question)) => self.ask(place, question),
                Ok(Message::Search { filter, answer }) => {
                    self.searches.push_back(Search::new(filter, answer));
                }
                Ok(Message::Rows { places, answer }) => {
                    let rows = places.into_iter().filter_map(|place| self.row(place));
                    answer(rows.collect());
                }
                Err(TryRecvError::Empty) => return true,
                Ok(Message::End) | Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn obey(&mut self, order: Order) {
        if let Order::Outage(time) = order {
            let until = self.common.now() + time.as_millis() as u64;
            self.common.outage_until.set(until);
        }
        for place in 0..self.slots.len() {
            if self.has_started(place) {
                self.wake(place, Wake::Order(order));
            }
        }
    }

    fn has_started(&self, place: usize) -> bool {
        let slot = self.slots.get(place);
        slot.is_some_and(|slot| slot.life.is_some())
    }

    fn ask(&mut self, place: usize, question: Question) {
        let Question { asked, answer } = question;
        match asked {
            Asked::Watch(watcher) => {
                self.common.watchers.put(place, watcher);
                match self.slots.get(place) {
                    Some(slot) if slot.life.is_none() => {
                        state::publish_off(&self.common, &slot.plan, None);
                    }
                    _ => self.wake(place, Wake::Due),
                }
                answer(Ok(Value::Null));
            }
            Asked::Unwatch => {
                self.common.watchers.remove(place);
                answer(Ok(Value::Null));
            }
            asked if self.has_started(place) => {
                self.wake(place, Wake::Asked(Question { asked, answer }));
            }
            _ => answer(Err(Refusal::NotNow("it has not started yet".to_owned()))),
        }
    }

    /// Looks at some more stations, between what the others have to do.
    fn search(&mut self) {
        let Some(mut search) = self.searches.pop_front() else {
            return;
        };
        let setup = Arc::clone(&self.common.setup);
        for place in search.next_places() {
            let Some(slot) = self.slots.get(place) else {
                return search.finish();
            };
            let plan = slot.plan.clone();
            if !search
                .filter
                .takes_plan(plan.version, || setup.identity(plan.number))
            {
                continue;
            }
            let digest = match search.filter.needs_digest() {
                true => self.digest(place),
                false => Digest::default(),
            };
            search.look(
                setup.id(plan.number),
                plan.version,
                &digest,
                setup.connectors,
            );
        }
        self.searches.push_back(search);
    }

    fn row(&mut self, place: usize) -> Option<Value> {
        let digest = self.digest(place);
        let plan = &self.slots.get(place)?.plan;
        let setup = &self.common.setup;
        let identity = setup.identity(plan.number);
        let id = setup.id(plan.number);
        Some(table::row(id, &identity, plan, &digest, setup.connectors))
    }

    /// What a station does just now; it goes on as it was.
    fn digest(&mut self, place: usize) -> Digest {
        let slot = self.slots.get_mut(place);
        let Some(life) = slot.and_then(|slot| slot.life.as_mut()) else {
            return Digest::default();
        };
        self.common.digest.take();
        self.common.wake.set(Wake::Digest);
        // It has no end but at its beginning.
        let _ = life
            .as_mut()
            .poll(&mut Context::from_waker(TaskWaker::noop()));
        self.common.digest.take()
    }

    fn wake_due(&mut self) {
        let now = self.common.now();
        while let Some(Reverse((at, place))) = self
            .heap
            .peek()
            .copied()
            .filter(|Reverse((at, _))| *at <= now)
        {
            self.heap.pop();
            let Some(slot) = self.slots.get_mut(place).filter(|slot| slot.queued == at) else {
                // It was queued for an earlier time since.
                continue;
            };
            slot.queued = u64::MAX;
            match slot.due <= now {
                true => self.wake(place, Wake::Due),
                false => self.queue(place),
            }
        }
    }

    fn wake(&mut self, place: usize, wake: Wake) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        let common = &self.common;
        let life = slot
            .life
            .get_or_insert_with(|| Box::pin(live(Rc::clone(common), slot.plan.clone())));
        common.wake.set(wake);
        common.due.set(u64::MAX);
        let mut context = Context::from_waker(TaskWaker::noop());
        slot.due = match life.as_mut().poll(&mut context) {
            Ready::Pending => common.due.get(),
            // It does not end but where it cannot begin: it is left alone.
            Ready::Ready(()) => {
                slot.life = Some(Box::pin(std::future::pending()));
                u64::MAX
            }
        };
        // One that cannot begin hears nothing.
        common.wake.take();
        self.queue(place);
    }

    /// Sees to it that the heap has a time for it that is not too late.
    fn queue(&mut self, place: usize) {
        if let Some(slot) = self.slots.get_mut(place)
            && slot.due < slot.queued
        {
            slot.queued = slot.due;
            self.heap.push(Reverse((slot.due, place)));
        }
    }
}
