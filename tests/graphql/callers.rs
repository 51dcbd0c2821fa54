//! Who may call: every way for a page somewhere else to use a visitor's browser is closed, and nothing changes.

use serde_json::json;

use super::client::{get, send};
use super::fixture::{MORE_FACTS, Server};

fn commit() -> String {
    let query = "mutation C($facts: String!) { commit(input: {facts: $facts}) { sequence } }";
    json!({ "query": query, "variables": { "facts": MORE_FACTS } }).to_string()
}

#[test]
fn foreign_hosts_origins_and_types_are_refused_in_every_combination_and_nothing_is_stored() {
    let server = Server::start();
    let port = server.address.port();
    let own = [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
    ];
    let foreign_hosts = [
        "rebound.example".to_owned(),
        format!("rebound.example:{port}"),
        "localhost".to_owned(),
        "127.0.0.1:1".to_owned(),
        format!("localhost.rebound.example:{port}"),
        format!("127.0.0.1.:{port}"),
    ];
    let foreign_origins = [
        "http://rebound.example".to_owned(),
        format!("https://localhost:{port}"),
        "http://localhost:1".to_owned(),
        "null".to_owned(),
        format!("http://localhost:{port}.rebound.example"),
    ];
    let own_origin = format!("http://localhost:{port}");
    let origins: Vec<Option<&str>> = [None, Some(own_origin.as_str())]
        .into_iter()
        .chain(foreign_origins.iter().map(|origin| Some(origin.as_str())))
        .collect();
    let kinds = [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
    ];
    let (mut tried, mut taken) = (0, 0);
    for host in own.iter().chain(&foreign_hosts) {
        for origin in &origins {
            for kind in kinds {
                for site in [None, Some("same-origin"), Some("cross-site"), Some("same-site")] {
                    let mut headers = vec![("host", host.as_str()), ("content-type", kind)];
                    headers.extend(origin.map(|origin| ("origin", origin)));
                    headers.extend(site.map(|site| ("sec-fetch-site", site)));
                    let may = own.contains(host)
                        && origin.is_none_or(|origin| origin == own_origin)
                        && kind == "application/json"
                        && site.is_none_or(|site| site == "same-origin");
                    let reply = send(server.address, "POST", "/graphql", &headers, commit().as_bytes());
                    tried += 1;
                    if may {
                        // The same document again: what it does is tested elsewhere, here only that it gets in.
                        assert_eq!(reply.status, 200, "{headers:?}: {}", reply.text());
                        taken += 1;
                    } else {
                        assert!(matches!(reply.status, 403 | 415), "{headers:?}: {}", reply.text());
                        assert!(matches!(
                            reply.code().as_str(),
                            "FORBIDDEN" | "UNSUPPORTED_MEDIA_TYPE"
                        ));
                    }
                    assert_eq!(reply.header("access-control-allow-origin"), "");
                }
            }
        }
    }
    assert!(tried > 60 && taken == 3 * 2 * 2, "{taken} of {tried}");
}

#[test]
fn refused_callers_change_nothing() {
    let server = Server::start();
    let json = ("content-type", "application/json");
    for headers in [
        [json, ("host", "rebound.example")],
        [json, ("origin", "http://rebound.example")],
        [json, ("sec-fetch-site", "cross-site")],
        [("content-type", "text/plain"), ("accept", "*/*")],
    ] {
        let reply = send(server.address, "POST", "/graphql", &headers, commit().as_bytes());
        assert!(matches!(reply.status, 403 | 415), "{headers:?}");
    }
    assert_eq!(server.data("{ store { sequence } }")["store"]["sequence"], 1);
}

#[test]
fn every_path_checks_the_host_and_nothing_answers_a_preflight() {
    let server = Server::start();
    for path in [
        "/",
        "/graphiql",
        "/graphql",
        "/ws",
        "/schema.graphql",
        "/healthz",
        "/readyz",
        "/nothing",
    ] {
        let reply = send(server.address, "GET", path, &[("host", "rebound.example")], b"");
        assert_eq!(reply.status, 403, "{path}");
    }
    let preflight = [
        ("origin", "http://rebound.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let reply = send(server.address, "OPTIONS", "/graphql", &preflight, b"");
    assert_eq!(reply.status, 403);
    assert!(
        !reply
            .headers
            .iter()
            .any(|(name, _)| name.starts_with("access-control-"))
    );
}

#[test]
fn a_host_in_the_request_line_must_be_ours_too() {
    let server = Server::start();
    let reply = get(server.address, "http://rebound.example/healthz");
    assert_eq!(reply.status, 403);
    let reply = get(server.address, &format!("http://{}/healthz", server.address));
    assert_eq!(reply.status, 200);
}

#[test]
fn further_hosts_are_let_in_when_they_are_named() {
    let server = Server::with(super::fixture::schema(), |options| {
        options.hosts = vec!["lineage.example".to_owned()];
    });
    let headers = [("host", "lineage.example"), ("origin", "https://lineage.example")];
    assert_eq!(send(server.address, "GET", "/healthz", &headers, b"").status, 200);
    let headers = [("host", "other.example")];
    assert_eq!(send(server.address, "GET", "/healthz", &headers, b"").status, 403);
}

#[test]
fn only_loopback_is_listened_on() {
    use wherefore::server::{Options, ServerError, serve_until};
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let options = Options::at(address.parse().expect("an address"));
        let schema = super::fixture::schema();
        let outcome = runtime.block_on(serve_until(schema, options, |_| {}, async {}));
        let error = outcome.expect_err("it is refused");
        assert!(matches!(error, ServerError::NotLoopback(_)), "{error}");
        assert_eq!(error.code(), "SERVER_NOT_LOOPBACK");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
}
