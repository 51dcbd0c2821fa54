//! GraphQL over WebSocket: `/ws`, the protocol `graphql-transport-ws`.
//!
//! One task for each socket reads messages and sends the events of its subscriptions. Everything is bounded:
//! sockets, operations on a socket, message size, the time until the greeting and the time to take a message.
//! The door has compared `Host` and `Origin` before; browsers open sockets across origins without asking.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::Response as Answer;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse as _;
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, abortable, once};
use futures_util::{StreamExt as _, future};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::http::BODY_MAX;
use super::listen::stopped;
use super::reply::{self, Media, Refusal, answer_json};
use super::request;
use super::routes::App;

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to greet with `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to accept a message.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// The most operations at once on one socket.
const OPERATIONS_MAX: usize = 32;
/// The longest id of an operation, in bytes.
const ID_MAX: usize = 256;

/// Answers `/ws`.
pub async fn connect(
    State(app): State<App>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]),
        Err(rejection) => {
            let refusal = Refusal::new(
                rejection.status(),
                "BAD_REQUEST",
                "a WebSocket handshake is expected here",
            );
            return refusal.into_response(Media::Json);
        }
    };
    if upgrade.selected_protocol().is_none() {
        let refusal = Refusal::bad("the WebSocket protocol `graphql-transport-ws` must be offered");
        return refusal.into_response(Media::Json);
    }
    let Ok(permit) = app.sockets.clone().try_acquire_owned() else {
        let refusal = Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "OVERLOADED",
            "too many WebSockets are open; close some",
        );
        return refusal.into_response(Media::Json);
    };
    upgrade
        .max_message_size(BODY_MAX)
        .max_frame_size(BODY_MAX)
        .on_upgrade(async move |socket| {
            let _permit = permit;
            converse(socket, app).await;
        })
        .into_response()
}

/// Why the server closes a socket: the protocol's code and word.
struct Close(u16, &'static str);

/// Something to send: an answer to an operation, or its end.
type Event = (String, Option<Answer>);

/// What is known about one socket.
#[derive(Default)]
struct Operations {
    acknowledged: bool,
    /// Never empty: `SelectAll` without streams is at its end at once, over and over.
    events: SelectAll<BoxStream<'static, Event>>,
    running: HashMap<String, AbortHandle>,
}

async fn converse(mut socket: WebSocket, app: App) {
    let mut state = Operations::default();
    state.events.push(futures_util::stream::pending().boxed());
    let mut closing = app.closing.clone();
    let mut init_deadline = std::pin::pin!(sleep(INIT_TIMEOUT));
    let close = loop {
        let outcome = tokio::select! {
            () = stopped(&mut closing) => Err(Close(1001, "The server stops")),
            () = &mut init_deadline, if !state.acknowledged => {
                Err(Close(4408, "Connection initialisation timeout"))
            }
            Some(event) = state.events.next() => Ok(state.deliver(event)),
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => state.take(&app, &text),
                Some(Ok(Message::Binary(_))) => Err(Close(4400, "Messages must be text")),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
        };
        match outcome {
            Ok(None) => {}
            Ok(Some(message)) => {
                let sent = timeout(SEND_TIMEOUT, socket.send(Message::text(message.to_string()))).await;
                if !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
            Err(close) => break close,
        }
    };
    let frame = CloseFrame {
        code: close.0,
        reason: close.1.into(),
    };
    let _ = timeout(SEND_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
}

impl Operations {
    /// Takes a message of the client; gives the message to send back, if any.
    fn take(&mut self, app: &App, text: &str) -> Result<Option<Value>, Close> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Close(4400, "Messages must be JSON objects"));
        };
        let id = match message.remove("id") {
            Some(Value::String(id)) if id.len() <= ID_MAX => Some(id),
            None => None,
            Some(_) => return Err(Close(4400, "An id must be a short text")),
        };
        let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
        match (kind, id) {
            ("connection_init", _) if self.acknowledged => {
                Err(Close(4429, "Too many initialisation requests"))
            }
            ("connection_init", _) => {
                self.acknowledged = true;
                Ok(Some(json!({ "type": "connection_ack" })))
            }
            ("ping", _) => Ok(Some(json!({ "type": "pong" }))),
            ("pong", _) => Ok(None),
            ("subscribe", Some(id)) if self.acknowledged => {
                let payload = message.remove("payload").unwrap_or_default();
                self.start(app, id, payload)
            }
            ("subscribe", Some(_)) => Err(Close(4401, "Unauthorized")),
            ("complete", Some(id)) => {
                if let Some(handle) = self.running.remove(&id) {
                    handle.abort();
                }
                Ok(None)
            }
            _ => Err(Close(4400, "Invalid message")),
        }
    }

    fn start(&mut self, app: &App, id: String, payload: Value) -> Result<Option<Value>, Close> {
        if self.running.contains_key(&id) {
            return Err(Close(4409, "An operation with this id is running"));
        }
        let answers = if self.running.len() >= OPERATIONS_MAX {
            let refusal = Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "OVERLOADED",
                "too many operations are running on this socket",
            );
            once(future::ready(refusal.into_answer())).boxed()
        } else {
            match request::from_json(payload) {
                Ok(request) => app.engine.stream(request),
                Err(refusal) => once(future::ready(refusal.into_answer())).boxed(),
            }
        };
        let (answers, handle) = abortable(answers);
        self.running.insert(id.clone(), handle.clone());
        let end = id.clone();
        let events = answers
            .map(move |answer| (id.clone(), Some(answer)))
            .chain(once(future::ready((end, None))))
            // An operation that the client ended says nothing more, and its id may be in use again.
            .take_while(move |_| future::ready(!handle.is_aborted()));
        self.events.push(events.boxed());
        Ok(None)
    }

    /// The message for an event.
    fn deliver(&mut self, (id, answer): Event) -> Option<Value> {
        let Some(answer) = answer else {
            let was_running = self.running.remove(&id).is_some();
            return was_running.then(|| json!({ "id": id, "type": "complete" }));
        };
        if reply::is_refused(&answer) {
            // The protocol has a message of its own for it, which also ends the operation.
            if let Some(handle) = self.running.remove(&id) {
                handle.abort();
            }
            let errors = answer_json(answer).get_mut("errors").map(Value::take);
            return Some(json!({ "id": id, "type": "error", "payload": errors }));
        }
        Some(json!({ "id": id, "type": "next", "payload": answer_json(answer) }))
    }
}
