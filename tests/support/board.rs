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

/// Holds the disk of the bench that uses the board now.
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
    storage: *mut Connection,
    memory: *mut Memory,
    tx: *mut [u8],
}

impl Board {
    /// One that is not used; a new one is never given back to the heap.
    fn spare(tx: usize) -> Self {
        let spare = SPARE.with_borrow_mut(|spare| {
            let place = spare.iter().position(|board| board.tx.len() == tx);
            place.map(|place| spare.swap_remove(place))
        });
        spare.unwrap_or_else(|| {
            let port = Port::default();
            Self {
                storage: Box::into_raw(Box::new(Connection(Rc::clone(&port)))),
                port,
                memory: Box::into_raw(Box::new(Memory::new())),
                tx: Box::into_raw(vec![0; tx].into_boxed_slice()),
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
    board: Option<Board>,
}

impl Powered {
    pub fn up(profile: Profile<'static>, tx: usize, disk: &Disk) -> Self {
        let board = Board::spare(tx);
        board.port.replace(disk.clone());
        // SAFETY: a board is never given back to the heap, and this station is the only one that has
        // these three until it is dropped, which makes the board a spare one.
        let (storage, memory, tx) =
            unsafe { (&mut *board.storage, &mut *board.memory, &mut *board.tx) };
        let station = Station::new(profile, storage, memory, tx, 0);
        Self {
            station: Some(station.expect("a setup that a station can have")),
            board: Some(board),
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
        self.station = None;
        let Some(board) = self.board.take() else {
            return;
        };
        board.port.take();
        // At the end of a thread it is not kept.
        let _ = SPARE.try_with(|spare| spare.borrow_mut().push(board));
    }
}
