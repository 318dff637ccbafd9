//! A small HTTP server for the files of a scenario: images to fetch, and a place for diagnostics.
//!
//! `${files}` is its URL. `firmware.bin` is an image, `upload/` takes what is PUT or POSTed there, all else
//! is not found. It listens on 127.0.0.1, where the charge point is, too.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// The image: any file that is not empty is one.
pub const IMAGE: &[u8] = b"an image for scenarios\n";
/// A peer that takes longer has given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// More lines are no request.
const MOST_LINES: usize = 64;
/// Bytes of a line.
const LONGEST_LINE: u64 = 8192;

/// Starts it; gives the URL, without a slash at its end.
pub fn serve() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::Builder::new()
        .name("files".to_owned())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                let answering = move || {
                    // A client that goes away gets no answer.
                    let _ = answer(&stream);
                };
                let _ = thread::Builder::new()
                    .name("file".to_owned())
                    .spawn(answering);
            }
        })?;
    Ok(format!("http://{address}"))
}

fn answer(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let request = line(&mut reader)?;
    let (mut length, mut expects) = (0, false);
    for _ in 0..MOST_LINES {
        let header = line(&mut reader)?.to_ascii_lowercase();
        match header.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
            Some(("expect", _)) => expects = true,
            Some(_) => {}
            None => break,
        }
    }
    if expects {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    let mut words = request.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let (status, body) = match (method, path) {
        (Some("GET"), "/firmware.bin") => ("200 OK", IMAGE),
        (Some("PUT" | "POST"), path) if path.starts_with("/upload/") => ("201 Created", &b""[..]),
        _ => ("404 Not Found", &b""[..]),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.take(LONGEST_LINE).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
