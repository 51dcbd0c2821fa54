//! GraphQL over HTTP: methods, media types, statuses and bodies.

use serde_json::json;

use super::client::{connect, encode, post, read, send};
use super::fixture::Server;

const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";
const QUERY: &[u8] = br#"{"query":"{__typename}"}"#;

#[test]
fn a_query_is_answered_by_post_and_by_get() {
    let server = Server::start();
    let reply = post(server.address, r#"{"query":"{__typename}"}"#);
    assert_eq!((reply.status, reply.header("content-type")), (200, GRAPHQL));
    assert_eq!(reply.json(), json!({ "data": { "__typename": "Query" } }));
    assert_eq!(reply.header("cache-control"), "no-store");

    let query = encode("query Q($a: Boolean!) { store { sequence head @include(if: $a) } }");
    let variables = encode(r#"{"a":false}"#);
    let target = format!("/graphql?query={query}&variables={variables}&operationName=Q");
    let reply = send(server.address, "GET", &target, &[], b"");
    assert_eq!((reply.status, reply.header("content-type")), (200, JSON));
    assert_eq!(reply.json(), json!({ "data": { "store": { "sequence": 1 } } }));
}

#[test]
fn a_refused_operation_has_a_status_that_the_media_type_allows_and_no_data() {
    let server = Server::start();
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
    ] {
        let body = json!({ "query": query }).to_string();
        for (accept, status, kind) in [
            ("application/graphql-response+json", 400, GRAPHQL),
            ("application/json", 200, JSON),
            ("*/*", 200, JSON),
        ] {
            let headers = [("content-type", "application/json"), ("accept", accept)];
            let reply = send(server.address, "POST", "/graphql", &headers, body.as_bytes());
            assert_eq!(
                (reply.status, reply.header("content-type")),
                (status, kind),
                "{query}"
            );
            let json = reply.json();
            assert_eq!(json["errors"][0]["extensions"]["code"], code, "{query}: {json}");
            assert!(json.get("data").is_none(), "{json}");
        }
    }
}

#[test]
fn what_is_no_request_is_refused_with_a_code() {
    let server = Server::start();
    let json = ("content-type", "application/json");
    let cases: [(&str, &str, &[(&str, &str)], &[u8], u16, &str); 12] = [
        (
            "POST",
            "/graphql",
            &[json, ("accept", "text/html")],
            QUERY,
            406,
            "NOT_ACCEPTABLE",
        ),
        ("POST", "/graphql", &[], QUERY, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "POST",
            "/graphql",
            &[("content-type", "text/plain")],
            QUERY,
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "POST",
            "/graphql",
            &[("content-type", "application/x-www-form-urlencoded")],
            b"query=%7B__typename%7D",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("PUT", "/graphql", &[json], QUERY, 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/graphql", &[], b"", 405, "METHOD_NOT_ALLOWED"),
        (
            "GET",
            "/graphql?query=mutation%7B__typename%7D",
            &[],
            b"",
            405,
            "METHOD_NOT_ALLOWED",
        ),
        ("GET", "/graphql", &[], b"", 400, "BAD_REQUEST"),
        ("POST", "/graphql", &[json], b"", 400, "BAD_REQUEST"),
        ("POST", "/graphql", &[json], b"nonsense", 400, "BAD_REQUEST"),
        (
            "POST",
            "/graphql",
            &[json],
            br#"[{"query":"{__typename}"}]"#,
            400,
            "BAD_REQUEST",
        ),
        ("POST", "/graphql", &[json], br#"{"query":7}"#, 400, "BAD_REQUEST"),
    ];
    for (method, target, headers, body, status, code) in cases {
        let reply = send(server.address, method, target, headers, body);
        let case = format!("{method} {target} {headers:?}: {}", reply.text());
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{case}");
        assert!(
            reply.header("content-type").starts_with("application/json"),
            "{case}"
        );
        if status == 405 {
            assert!(reply.header("allow").contains("POST"), "{case}");
        }
    }
}

#[test]
fn a_mutation_by_get_changes_nothing() {
    let server = Server::start();
    let mutation = encode(r#"mutation { commit(input: {facts: "events: []"}) { sequence } }"#);
    let reply = send(
        server.address,
        "GET",
        &format!("/graphql?query={mutation}"),
        &[],
        b"",
    );
    assert_eq!(reply.status, 405);
    assert_eq!(server.data("{ store { sequence } }")["store"]["sequence"], 1);
}

#[test]
fn a_body_of_one_mebibyte_is_taken_and_a_larger_one_is_not() {
    let server = Server::start();
    let body = |length: usize| {
        let frame = r#"{"query":"{__typename}","extensions":{"a":""}}"#.len();
        format!(
            r#"{{"query":"{{__typename}}","extensions":{{"a":"{}"}}}}"#,
            "x".repeat(length - frame)
        )
    };
    let most = 1024 * 1024;
    assert_eq!(post(server.address, &body(most)).status, 200);
    let reply = post(server.address, &body(most + 1));
    assert_eq!((reply.status, reply.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[test]
fn a_body_in_chunks_is_limited_too() {
    use std::io::Write as _;
    let server = Server::start();
    let mut stream = connect(server.address);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).expect("the head is sent");
    for _ in 0..40 {
        let chunk = format!("{:x}\r\n{}\r\n", 32 * 1024, " ".repeat(32 * 1024));
        stream.write_all(chunk.as_bytes()).expect("a chunk is sent");
    }
    stream.write_all(b"0\r\n\r\n").expect("the end is sent");
    let reply = read(&mut stream);
    assert_eq!((reply.status, reply.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[test]
fn a_head_that_does_not_come_is_not_waited_for() {
    use std::io::{Read as _, Write as _};
    use std::time::Duration;
    let server = Server::with(super::fixture::schema(), |options| {
        options.header_timeout = Duration::from_millis(200);
    });
    let mut stream = connect(server.address);
    stream
        .write_all(b"POST /graphql HTTP/1.1\r\nhost: ")
        .expect("half a head is sent");
    let mut rest = Vec::new();
    stream
        .read_to_end(&mut rest)
        .expect("the server closes the connection");
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 4"), "{rest:?}");
}
