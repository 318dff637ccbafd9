//! A thread with its share of the stations: sockets that are ready, one heap of times.

use std::{
    cell::{Cell, RefCell},
    cmp::Reverse,
    collections::BinaryHeap,
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

use crate::{
    orders::Order,
    setup::Setup,
    station::{Common, Plan, Wake, live},
    stats::Stats,
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
    orders: Receiver<Order>,
}

impl EventLoop {
    pub fn new(
        poll: Poll,
        setup: Arc<Setup>,
        stats: Arc<Stats>,
        plans: Vec<Plan>,
        orders: Receiver<Order>,
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
        });
        let mut this = Self {
            poll,
            common,
            slots: Vec::new(),
            heap: BinaryHeap::new(),
            orders,
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

    /// Works until the other end of the orders is gone.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            let next = self.heap.peek().map(|Reverse((at, _))| *at);
            let patience =
                next.map(|at| Duration::from_millis(at.saturating_sub(self.common.now())));
            match self.poll.poll(&mut events, patience) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let mut has_orders = false;
            for event in &events {
                match event.token() {
                    WAKER => has_orders = true,
                    Token(place) => self.wake(
                        place,
                        Wake {
                            is_ready: true,
                            order: None,
                        },
                    ),
                }
            }
            self.wake_due();
            if has_orders && !self.obey() {
                return Ok(());
            }
        }
    }

    /// False when there will be no more.
    fn obey(&mut self) -> bool {
        loop {
            let order = match self.orders.try_recv() {
                Ok(order) => order,
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            };
            if let Order::Outage(time) = order {
                let until = self.common.now() + time.as_millis() as u64;
                self.common.outage_until.set(until);
            }
            for place in 0..self.slots.len() {
                if self
                    .slots
                    .get(place)
                    .is_some_and(|slot| slot.life.is_some())
                {
                    self.wake(
                        place,
                        Wake {
                            is_ready: false,
                            order: Some(order),
                        },
                    );
                }
            }
        }
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
                true => self.wake(place, Wake::default()),
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
