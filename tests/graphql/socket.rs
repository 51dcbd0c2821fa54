//! GraphQL over WebSocket.

use serde_json::json;

use super::client::get;
use super::fixture::{MORE_FACTS, Server, schema};
use super::websocket::{Frame, Socket};

/// Commits a use of the field that nothing authorizes.
fn commit(server: &Server, field: &str) {
    let facts = MORE_FACTS
        .replace("late-mailing", &format!("late-{field}"))
        .replace("[mobile]", &format!("[{field}]"));
    let query = "mutation C($facts: String!) { commit(input: {facts: $facts}) { sequence repeated } }";
    let reply = server.query_with(query, &json!({ "facts": facts }));
    assert_eq!(
        reply.json()["data"]["commit"]["repeated"],
        false,
        "{}",
        reply.text()
    );
}

#[test]
fn a_commit_is_told_to_those_who_listen() {
    let server = Server::start();
    let mut socket = Socket::greeted(server.address);
    socket.subscribe(
        "c",
        "subscription { committed { sequence recordedAt facts acts } }",
    );
    // Answered in order: when this is answered, the subscription before it is in place.
    socket.subscribe("q", "{ store { sequence } }");
    let answer = socket.json();
    assert_eq!((&answer["id"], &answer["type"]), (&json!("q"), &json!("next")));
    let before = answer["payload"]["data"]["store"]["sequence"]
        .as_u64()
        .expect("a number");
    assert_eq!(socket.json(), json!({ "id": "q", "type": "complete" }));
    commit(&server, "mobile");
    let event = socket.json();
    assert_eq!((&event["id"], &event["type"]), (&json!("c"), &json!("next")));
    assert_eq!(
        event["payload"]["data"]["committed"]["sequence"],
        json!(before + 1)
    );
    socket.send(&json!({ "id": "c", "type": "complete" }));
    socket.send(&json!({ "type": "ping" }));
    assert_eq!(socket.json(), json!({ "type": "pong" }));
    // The id is free again, and a commit is not told any more.
    commit(&server, "degree");
    socket.subscribe("c", "{ __typename }");
    assert_eq!(socket.json()["payload"]["data"]["__typename"], "Query");
}

#[test]
fn new_findings_are_told() {
    let server = Server::start();
    let mut socket = Socket::greeted(server.address);
    socket.subscribe(
        "f",
        "subscription { findingAdded { id rule culprit fingerprints } }",
    );
    let (sender, told) = std::sync::mpsc::channel();
    let listener = std::thread::spawn(move || {
        let event = socket.json();
        sender.send(()).expect("the test waits");
        event
    });
    // The findings before are looked at on another thread; what is committed until then is not new. Each field
    // makes a finding of its own, so that one of them is.
    for field in [
        "mobile",
        "degree",
        "name",
        "address",
        "avatar",
        "vehicle-info",
        "work-info",
        "property-info",
    ] {
        commit(&server, field);
        if told.recv_timeout(std::time::Duration::from_millis(500)).is_ok() {
            break;
        }
    }
    let event = listener.join().expect("an event");
    assert_eq!(
        (&event["id"], &event["type"]),
        (&json!("f"), &json!("next")),
        "{event}"
    );
    assert!(
        event["payload"]["data"]["findingAdded"]["rule"].is_string(),
        "{event}"
    );
}

#[test]
fn refused_operations_are_errors_of_their_own_and_the_guard_holds_here_too() {
    let server = Server::start();
    let mut socket = Socket::greeted(server.address);
    let mut bomb = String::from("{ ...f0 }\n");
    for level in 0..31 {
        bomb.push_str(&format!(
            "fragment f{level} on Query {{ ...f{0} ...f{0} }}\n",
            level + 1
        ));
    }
    bomb.push_str("fragment f31 on Query { __typename }");
    for (query, code) in [
        (bomb.as_str(), "QUERY_TOO_COMPLEX"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { committed { sequence } __typename ...a } fragment a on Subscription { ...a }",
            "QUERY_TOO_COMPLEX",
        ),
    ] {
        socket.subscribe("x", query);
        let answer = socket.json();
        assert_eq!(answer["type"], "error", "{query}: {answer}");
        assert_eq!(
            answer["payload"][0]["extensions"]["code"], code,
            "{query}: {answer}"
        );
    }
    socket.subscribe("x", "{ act(id: \"no-such\") { id } }");
    let answer = socket.json();
    let error = if answer["type"] == "next" {
        &answer["payload"]["errors"][0]
    } else {
        &answer["payload"][0]
    };
    assert_eq!(error["extensions"]["code"], "NOT_FOUND", "{answer}");
}

#[test]
fn foreign_pages_get_no_socket() {
    let server = Server::start();
    let port = server.address.port();
    let own = format!("http://localhost:{port}");
    assert!(Socket::open(server.address, &[("origin", &own)]).is_ok());
    for headers in [
        [("origin", "http://rebound.example"), ("x", "x")],
        [("origin", "null"), ("x", "x")],
        [("host", "rebound.example"), ("x", "x")],
        [("sec-fetch-site", "cross-site"), ("origin", own.as_str())],
    ] {
        assert_eq!(
            Socket::open(server.address, &headers).err(),
            Some(403),
            "{headers:?}"
        );
    }
    for protocol in ["graphql-ws", "soap"] {
        let refused = Socket::open(server.address, &[("sec-websocket-protocol", protocol)]).err();
        assert_eq!(refused, Some(400), "{protocol}");
    }
    assert!(matches!(get(server.address, "/ws").status, 400 | 426));
}

#[test]
fn the_protocol_is_kept() {
    let server = Server::start();
    let mut early = Socket::open(server.address, &[]).expect("a socket");
    early.subscribe("a", "{ __typename }");
    assert_eq!(early.next(), Frame::Close(4401));

    let mut twice = Socket::greeted(server.address);
    twice.send(&json!({ "type": "connection_init" }));
    assert_eq!(twice.next(), Frame::Close(4429));

    let mut same = Socket::greeted(server.address);
    same.subscribe("a", "subscription { committed { sequence } }");
    same.subscribe("a", "subscription { committed { sequence } }");
    assert_eq!(same.next(), Frame::Close(4409));

    for wrong in [
        "",
        "{",
        "[]",
        "{\"type\":7}",
        "{\"type\":\"what\"}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"complete\",\"id\":7}",
    ] {
        let mut socket = Socket::greeted(server.address);
        socket.send_text(wrong);
        assert_eq!(socket.next(), Frame::Close(4400), "{wrong}");
    }

    let mut large = Socket::greeted(server.address);
    large.send_text(&" ".repeat(1024 * 1024 + 1));
    assert!(!matches!(large.next(), Frame::Json(_)));
}

#[test]
fn sockets_and_operations_are_bounded() {
    let server = Server::with(schema(), |options| options.sockets_max = 2);
    let mut first = Socket::greeted(server.address);
    let second = Socket::greeted(server.address);
    assert_eq!(Socket::open(server.address, &[]).err(), Some(503));
    drop(second);
    while Socket::open(server.address, &[]).is_err() {
        std::thread::yield_now();
    }
    for number in 0..32 {
        first.subscribe(&number.to_string(), "subscription { committed { sequence } }");
    }
    first.subscribe("more", "{ __typename }");
    let answer = first.json();
    assert_eq!(
        (&answer["id"], &answer["type"]),
        (&json!("more"), &json!("error"))
    );
    assert_eq!(answer["payload"][0]["extensions"]["code"], "OVERLOADED");
}

#[test]
fn sockets_are_told_when_the_server_stops() {
    let mut server = Server::start();
    let mut socket = Socket::greeted(server.address);
    server.stop();
    assert_eq!(socket.next(), Frame::Close(1001));
    drop(socket);
    server.join();
}
