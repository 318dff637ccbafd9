//! The answer to the websocket handshake (RFC 6455, 4.1), judged: for a fleet, and for a charge point alone.

use tungstenite::handshake::derive_accept_key;

/// Judges the head of an answer to the handshake with that key, in which that subprotocol was
/// offered. The error is one line.
pub fn judge(head: &[u8], key: &str, subprotocol: &str) -> Result<(), String> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = status(lines.next().unwrap_or_default())?;
    if status != 101 {
        return Err(format!("refused with HTTP status {status}"));
    }
    let headers = Headers::read(lines);
    for (name, wanted) in [("Upgrade", "websocket"), ("Connection", "upgrade")] {
        if !headers.values(name).any(|v| v.eq_ignore_ascii_case(wanted)) {
            return Err(format!("the answer lacks `{name}: {wanted}`"));
        }
    }
    let accepts: Vec<&str> = headers.values("Sec-WebSocket-Accept").collect();
    if accepts != [derive_accept_key(key.as_bytes())] {
        let what = if accepts.is_empty() {
            "missing"
        } else {
            "wrong"
        };
        return Err(format!("Sec-WebSocket-Accept is {what} in the answer"));
    }
    // None is ever asked for.
    if let Some(extension) = headers.values("Sec-WebSocket-Extensions").next() {
        return Err(format!(
            "the central system chose the extension {extension}, which was not asked for"
        ));
    }
    let chosen: Vec<&str> = headers.values("Sec-WebSocket-Protocol").collect();
    match chosen.as_slice() {
        [chosen] if *chosen == subprotocol => Ok(()),
        // OCPP-J 1.6, 3.1.2: without the subprotocol there is nothing to talk about.
        [] => Err(format!(
            "the central system did not choose the subprotocol {subprotocol}"
        )),
        other => Err(format!(
            "the central system did not choose the subprotocol {subprotocol} but {}",
            other.join(", ")
        )),
    }
}

/// True for an answer that wants other credentials.
pub fn is_unauthorized(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    status(head.lines().next().unwrap_or_default()) == Ok(401)
}

/// `HTTP/1.1 101 Switching Protocols`
fn status(line: &str) -> Result<u16, String> {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let version = words.next().unwrap_or_default();
    let status = words.next().and_then(|word| word.parse().ok());
    match status {
        Some(status) if version.starts_with("HTTP/1.") => Ok(status),
        _ => Err("the answer to the handshake is not HTTP/1.1".to_owned()),
    }
}

/// Names and values of header fields.
struct Headers(Vec<(String, String)>);

impl Headers {
    fn read<'l>(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in lines {
            match (line.split_once(':'), fields.last_mut()) {
                // A line that goes on with the one before (RFC 7230, 3.2.4).
                (_, Some((_, value))) if line.starts_with([' ', '\t']) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (Some((name, value)), _) => {
                    fields.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                (None, _) => {}
            }
        }
        Self(fields)
    }

    /// The elements of all fields of that name: each may have a list.
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self
            .0
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name));
        let elements = fields.flat_map(|(_, value)| value.split(','));
        elements.map(str::trim).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 6455, 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    const PROTOCOL: &str = "Sec-WebSocket-Protocol: ocpp1.6";

    fn judged(lines: &[&str]) -> Result<(), String> {
        let mut head = "HTTP/1.1 101 Switching Protocols\r\n".to_owned();
        for line in lines {
            head.push_str(line);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        judge(head.as_bytes(), KEY, "ocpp1.6")
    }

    #[test]
    fn a_good_answer_is_taken_in_any_spelling() {
        let usual = [
            "Upgrade: websocket",
            "Connection: Upgrade",
            ACCEPT,
            PROTOCOL,
        ];
        assert_eq!(judged(&usual), Ok(()));
        let odd = [
            "server: x",
            "UPGRADE:WebSocket",
            "connection: keep-alive, upgrade",
            "sec-websocket-accept:\ts3pPLMBiTxaQ9kYGzzhZRbK+xOo= ",
            "Sec-WebSocket-Extensions: ",
            "sec-websocket-protocol:",
            "  ocpp1.6",
        ];
        assert_eq!(judged(&odd), Ok(()));
    }

    #[test]
    fn any_other_answer_is_refused_and_says_why() {
        let (upgrade, connection) = ("Upgrade: websocket", "Connection: Upgrade");
        let good = [upgrade, connection, ACCEPT, PROTOCOL];
        for (place, why) in ["Upgrade", "Connection", "Accept is missing", "subprotocol"]
            .into_iter()
            .enumerate()
        {
            let mut lines = good.to_vec();
            lines.remove(place);
            let problem = judged(&lines).unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
        for (line, why) in [
            (
                "Sec-WebSocket-Extensions: permessage-deflate",
                "permessage-deflate",
            ),
            ("Sec-WebSocket-Extensions: x; y=1, z", "x; y=1"),
            ("Sec-WebSocket-Protocol: ocpp1.5", "subprotocol"),
            (ACCEPT, "Accept is wrong"),
        ] {
            let mut lines = good.to_vec();
            lines.push(line);
            let problem = judged(&lines).unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
        for other in ["ocpp1.5", "ocpp2.0.1", "OCPP1.6"] {
            let protocol = format!("Sec-WebSocket-Protocol: {other}");
            let problem = judged(&[upgrade, connection, ACCEPT, &protocol]).unwrap_err();
            assert!(problem.contains(other), "{problem}");
        }
        let accept = "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=";
        let problem = judged(&[upgrade, connection, accept, PROTOCOL]).unwrap_err();
        assert!(problem.contains("Accept is wrong"), "{problem}");
        for (head, why) in [
            ("HTTP/1.1 401 No\r\n\r\n", "401"),
            ("HTTP/1.1 200\n\n", "200"),
            ("SSH-2.0\r\n\r\n", "not HTTP/1.1"),
            ("\r\n\r\n", "not HTTP/1.1"),
        ] {
            let problem = judge(head.as_bytes(), KEY, "ocpp1.6").unwrap_err();
            assert!(problem.contains(why), "{problem}");
        }
    }
}
