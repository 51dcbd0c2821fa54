//! Every error has a code, and none says what is not the caller's business.

use serde_json::json;

use super::fixture::{MORE_FACTS, Server};

#[test]
fn errors_have_their_codes() {
    let server = Server::start();
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ reach }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ crossings(subject: \"nobody\") { verdict } }",
            "ASK_UNKNOWN_SUBJECT",
        ),
        (
            "{ reach(field: \"no-such\", to: \"bank-east\", subject: \"lin\") { verdict } }",
            "ASK_UNKNOWN_FIELD",
        ),
        (
            "{ reach(field: \"ride-fulfilment\", to: \"no-such\", subject: \"lin\") { verdict } }",
            "ASK_UNKNOWN_PROCESSOR",
        ),
        ("{ act(id: \"no-such\") { id } }", "NOT_FOUND"),
        ("{ finding(fingerprint: \"0\") { id } }", "NOT_FOUND"),
        (
            "{ crossings(subject: \"lin\", asOf: \"2025-01-01\") { verdict } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "mutation { commit(input: {facts: \"nonsense\"}) { sequence } }",
            "FACT_INVALID",
        ),
    ] {
        let json = server.query(query).json();
        let error = &json["errors"][0];
        assert!(
            error["extensions"]["code"] == code
                // A wrong instant is found by validation or by the resolver, whichever looks first.
                || (query.contains("asOf") && error["extensions"]["code"] == "BAD_USER_INPUT"),
            "{query}: {json}"
        );
        assert!(
            !error["message"].as_str().unwrap_or_default().is_empty(),
            "{json}"
        );
    }
}

#[test]
fn ids_of_nothing_are_null() {
    let server = Server::start();
    for id in [
        "",
        "nonsense",
        "WyJGaWVsZCIsIm5vLXN1Y2giXQ",
        "WyJOb3RoaW5nIiwiYSJd",
        "💥",
    ] {
        let data = server.data(&format!("{{ node(id: {}) {{ id }} }}", json!(id)));
        assert_eq!(data["node"], json!(null), "{id}");
    }
}

#[test]
fn the_problems_of_a_document_are_listed_with_their_places() {
    let server = Server::start();
    let reply = server.query("mutation { commit(input: {facts: \"nonsense\"}) { sequence } }");
    let json = reply.json();
    assert_eq!(json["data"], json!(null), "{json}");
    let problems = json["errors"][0]["extensions"]["problems"]
        .as_array()
        .expect("problems")
        .clone();
    assert!(!problems.is_empty());
    for problem in problems {
        assert!(
            problem["code"].as_str().expect("a code").starts_with("FACT_"),
            "{problem}"
        );
        assert!(problem["line"].as_u64().expect("a line") >= 1, "{problem}");
        assert!(problem["column"].as_u64().expect("a column") >= 1, "{problem}");
        assert!(
            problem["message"].is_string() && problem["help"].is_string(),
            "{problem}"
        );
    }
}

#[test]
fn a_commit_with_a_used_key_does_nothing_and_answers_the_same() {
    let server = Server::start();
    let commit = "mutation C($facts: String!) { commit(input: {facts: $facts, idempotencyKey: \"k\", author: \"me\", \
        clientMutationId: \"m\"}) { sequence head facts acts repeated clientMutationId recordedAt } }";
    let send = || server.query_with(commit, &json!({ "facts": MORE_FACTS })).json()["data"]["commit"].clone();
    let (first, second) = (send(), send());
    assert_eq!(
        (&first["repeated"], &second["repeated"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(first["sequence"], second["sequence"]);
    assert_eq!(first["head"], second["head"]);
    assert_eq!(first["clientMutationId"], "m");
    assert_eq!(
        server.data("{ store { sequence } }")["store"]["sequence"],
        first["sequence"]
    );
}
