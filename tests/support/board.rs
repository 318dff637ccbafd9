//! What a station runs on: memory, a transmit buffer, and a port for its disk. Boards are used
//! again, because a test with thousands of reboots would need one for each of them.

use std::{
    cell::RefCell,
    ops::{Deref, DerefMut},
    rc::Rc,
};

use ocpp::{
    station::{Memory, Profile, Station},
    storage::{RecordId, Storage, StorageError},
};

use super::disk::Disk;

/// Holds the disk of whoever uses the board now.
type Port = Rc<RefCell<Disk>>;

struct Connection(Port);

impl Storage for Connection {
    fn read(&mut self, id: RecordId, into: &mut [u8]) -> Result<Option<usize>, StorageError> {
        self.0.borrow_mut().read(id, into)
    }

    fn write(&mut self, id: RecordId, record: &[u8]) -> Result<(), StorageError> {
        self.0.borrow_mut().write(id, record)
    }

    fn erase(&mut self, id: RecordId) -> Result<(), StorageError> {
        self.0.borrow_mut().erase(id)
    }
}

struct Board {
    port: Port,
    storage: &'static mut dyn Storage,
    memory: &'static mut Memory,
    tx: &'static mut [u8],
}

impl Board {
    /// One that nobody uses; a new one is never given back to the heap.
    fn spare(tx: usize) -> Self {
        let spare = SPARE.with_borrow_mut(|spare| {
            let place = spare.iter().position(|board| board.tx.len() == tx);
            place.map(|place| spare.swap_remove(place))
        });
        spare.unwrap_or_else(|| {
            let port = Port::default();
            Self {
                storage: Box::leak(Box::new(Connection(Rc::clone(&port)))),
                port,
                memory: Box::leak(Box::new(Memory::new())),
                tx: vec![0; tx].leak(),
            }
        })
    }
}

thread_local! {
    static SPARE: RefCell<Vec<Board>> = const { RefCell::new(Vec::new()) };
}

/// A station with power; its board is free when it is dropped.
pub struct Powered {
    station: Option<Station<'static>>,
    port: Port,
}

impl Powered {
    pub fn up(profile: Profile<'static>, tx: usize, disk: &Disk) -> Self {
        let board = Board::spare(tx);
        board.port.replace(disk.clone());
        let station = Station::new(profile, board.storage, board.memory, board.tx, 0);
        Self {
            station: Some(station.expect("a setup that a station can have")),
            port: board.port,
        }
    }
}

impl Deref for Powered {
    type Target = Station<'static>;

    fn deref(&self) -> &Self::Target {
        self.station.as_ref().expect("until it is dropped")
    }
}

impl DerefMut for Powered {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.station.as_mut().expect("until it is dropped")
    }
}

impl Drop for Powered {
    fn drop(&mut self) {
        let Some(station) = self.station.take() else {
            return;
        };
        let (storage, memory, tx) = station.release();
        let port = Rc::clone(&self.port);
        port.take();
        // At the end of a thread there is nobody to keep it for.
        let _ = SPARE.try_with(|spare| {
            spare.borrow_mut().push(Board {
                port,
                storage,
                memory,
                tx,
            });
        });
    }
}
