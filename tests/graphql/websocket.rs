//! A plain WebSocket client that speaks as much of the protocol as the tests need.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::client::connect;

/// What the server sent.
#[derive(Debug, PartialEq)]
pub enum Frame {
    Json(Value),
    Close(u16),
    End,
}

/// An open socket.
pub struct Socket {
    stream: TcpStream,
}

impl Socket {
    /// Shakes hands; the status of the refusal if there is no socket.
    pub fn open(address: SocketAddr, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let mut head =
            "GET /ws HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                .to_owned();
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: {address}\r\n"));
        }
        if !headers.iter().any(|(name, _)| *name == "sec-websocket-protocol") {
            head.push_str("sec-websocket-protocol: graphql-transport-ws\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = connect(address);
        stream.write_all(head.as_bytes()).expect("the handshake is sent");
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("an answer") == 1 {
            answer.push(byte[0]);
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status: u16 = answer[9..12].parse().expect("a status");
        if status == 101 {
            assert!(
                answer
                    .to_ascii_lowercase()
                    .contains("sec-websocket-protocol: graphql-transport-ws")
            );
            Ok(Self { stream })
        } else {
            Err(status)
        }
    }

    /// A socket that has been greeted.
    pub fn greeted(address: SocketAddr) -> Self {
        let mut socket = Self::open(address, &[]).expect("a socket");
        socket.send(&json!({ "type": "connection_init" }));
        assert_eq!(socket.next(), Frame::Json(json!({ "type": "connection_ack" })));
        socket
    }

    pub fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    /// Starts an operation.
    pub fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } }));
    }

    pub fn send_text(&mut self, text: &str) {
        let length = text.len();
        let mut frame = vec![0x81];
        match length {
            0..=125 => frame.push(0x80 | u8::try_from(length).expect("a short length")),
            126..=65_535 => {
                frame.push(0x80 | 0x7e);
                frame.extend(u16::try_from(length).expect("a middling length").to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 0x7f);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        // A mask of zeros is a mask.
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        // The server may have closed the socket already; what it said is read next.
        let _ = self.stream.write_all(&frame);
    }

    /// The next thing that the server says; pings and pongs are passed over.
    pub fn next(&mut self) -> Frame {
        loop {
            let mut head = [0; 2];
            if self.stream.read_exact(&mut head).is_err() {
                return Frame::End;
            }
            let length = match head[1] & 0x7f {
                126 => {
                    let mut bytes = [0; 2];
                    self.stream.read_exact(&mut bytes).expect("a length");
                    u64::from(u16::from_be_bytes(bytes))
                }
                127 => {
                    let mut bytes = [0; 8];
                    self.stream.read_exact(&mut bytes).expect("a length");
                    u64::from_be_bytes(bytes)
                }
                short => u64::from(short),
            };
            let mut payload = vec![0; usize::try_from(length).expect("a length")];
            self.stream.read_exact(&mut payload).expect("a payload");
            match head[0] & 0x0f {
                1 => return Frame::Json(serde_json::from_slice(&payload).expect("JSON")),
                8 => return Frame::Close(u16::from_be_bytes([payload[0], payload[1]])),
                _ => {}
            }
        }
    }

    /// The next message, which must be JSON.
    pub fn json(&mut self) -> Value {
        match self.next() {
            Frame::Json(value) => value,
            other @ (Frame::Close(_) | Frame::End) => panic!("a message was expected, not {other:?}"),
        }
    }
}
