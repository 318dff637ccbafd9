//! The smallest complete charge point: `cargo run --example charge_point -- ws://HOST:PORT/PATH/ID`
//! boots, charges for three seconds, and ends when the central system knows of all of it.
use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::time::{Duration, Instant};
use std::{env, error::Error, mem, net::TcpStream, process, thread};

use ocpp::domain::{Equipment, IdToken, Identity, RegistrationStatus::Accepted};
use ocpp::station::Input::{Connected, Disconnected, Frame};
use ocpp::station::TransactionState::Reported;
use ocpp::station::{Event, Input, Memory, Output, Profile, Reading, Station};
use ocpp::{limits, storage::MemoryStorage};
use tungstenite::{ClientRequestBuilder, Error::Io, Message, WebSocket, http::Uri};

pub(crate) fn run(url: &str) -> Result<(), Box<dyn Error>> {
    let mut identity = Identity::default();
    (identity.vendor, identity.model) = ("Example", "Smallest");
    let profile = Profile {
        version: ocpp::Version::V16,
        identity,
        connectors: 1,
        vendors: &[],
        measurands: Some(&[]),
        settings: &[],
        boot_reason: None,
        firmware_mark: 0,
        transfer_protocols: &[],
        equipment: Equipment::default(),
        seed: process::id(),
    };
    let mut storage = MemoryStorage::<{ limits::RECORDS_LENGTH + 4 * limits::RECORDS }>::new();
    let (mut memory, mut tx) = (Memory::new(), [0; 4_096]);
    let mut station = Station::new(profile, &mut storage, &mut memory, &mut tx, 0)?;
    let (connector, id_tag) = (1, &IdToken::try_from("04A1B2C3")?);
    let tag = Input::Tag { connector, id_tag };
    let started = Instant::now();
    let now = || started.elapsed().as_millis() as u64;
    let (mut socket, mut frame) = (None::<WebSocket<TcpStream>>, String::new());
    let (mut wh, mut stop_at) = (0, u64::MAX);
    station.handle(now(), Input::Plugged(connector))?;
    loop {
        let until = loop {
            match station.poll(now()) {
                Output::SendPart(part) => frame.push_str(part),
                Output::Send(rest) => {
                    let text = mem::take(&mut frame) + rest;
                    // Where this fails, the next read finds the connection lost.
                    let _ = socket.as_mut().map(|socket| socket.send(text.into()));
                }
                Output::Connect { subprotocol } => {
                    socket = open(url, subprotocol)
                        .inspect_err(|why| println!("{why}"))
                        .ok();
                    station.handle(now(), socket.as_ref().map_or(Disconnected, |_| Connected))?;
                }
                Output::Disconnect => (socket, frame) = (None, String::new()),
                Output::Event(event) => match event {
                    Event::Registered(Accepted) => station.handle(now(), tag)?,
                    Event::Energy { allowed: true, .. } => stop_at = now() + 3_000,
                    // That long at 11 kW: the contactor is open, and the meter has counted 9 Wh.
                    Event::Energy { .. } => (wh, stop_at) = (wh + 9, u64::MAX),
                    Event::MeterWanted(connector) => {
                        let readings = &[Reading::energy(wh)];
                        let input = Input::Meter {
                            connector,
                            readings,
                        };
                        station.handle(now(), input)?;
                    }
                    Event::Transaction {
                        state: Reported, ..
                    } => return Ok(()),
                    Event::Reset(_) => return Ok(()),
                    event => println!("{event:?}"),
                },
                // The driver comes back and presents the idTag once more.
                Output::Wait(_) if stop_at <= now() => station.handle(now(), tag)?,
                Output::Wait(until) => break until.min(stop_at),
            }
        };
        let wait = Duration::from_millis(until.saturating_sub(now()).clamp(1, 60_000));
        if let Some(socket) = &socket {
            socket.get_ref().set_read_timeout(Some(wait))?;
        }
        match socket.as_mut().map(WebSocket::read) {
            None => thread::sleep(wait),
            Some(Ok(Message::Text(text))) => station.handle(now(), Frame(text.as_bytes()))?,
            Some(Ok(_)) => {}
            Some(Err(Io(why))) if matches!(why.kind(), WouldBlock | TimedOut) => {}
            Some(Err(_)) => {
                (socket, frame) = (None, String::new());
                station.handle(now(), Disconnected)?;
            }
        }
    }
}

fn open(url: &str, subprotocol: &str) -> Result<WebSocket<TcpStream>, Box<dyn Error>> {
    let uri: Uri = url.parse()?;
    let stream = TcpStream::connect(uri.authority().ok_or("no host in the URL")?.as_str())?;
    let request = ClientRequestBuilder::new(uri).with_sub_protocol(subprotocol);
    Ok(tungstenite::client(request, stream)?.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("no URL is given")?;
    run(&url)
}
