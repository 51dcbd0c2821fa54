//! Connections: every entry once, in order, forwards and backwards.

use serde_json::{Value, json};

use super::fixture::Server;

fn page(server: &Server, list: &str, arguments: &str) -> Value {
    let query = format!(
        "{{ {list}({arguments}) {{ totalCount edges {{ cursor node {{ id }} }} \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    server.data(&query)[list].clone()
}

fn ids(page: &Value) -> Vec<String> {
    let edges = page["edges"].as_array().expect("edges");
    edges
        .iter()
        .map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn pages_together_are_the_list() {
    let server = Server::start();
    for list in [
        "findings",
        "unauthorized",
        "processors",
        "fields",
        "purposes",
        "categories",
    ] {
        let whole = page(&server, list, "first: 500");
        let all = ids(&whole);
        assert_eq!(whole["totalCount"], json!(all.len()), "{list}");
        assert!(!all.is_empty(), "{list}");
        let mut forward = Vec::new();
        let mut arguments = "first: 2".to_owned();
        loop {
            let part = page(&server, list, &arguments);
            forward.extend(ids(&part));
            if part["pageInfo"]["hasNextPage"] == false {
                break;
            }
            arguments = format!("first: 2, after: {}", part["pageInfo"]["endCursor"]);
        }
        assert_eq!(forward, all, "{list}");
        let mut backward = Vec::new();
        let mut arguments = "last: 3".to_owned();
        loop {
            let part = page(&server, list, &arguments);
            backward.splice(0..0, ids(&part));
            if part["pageInfo"]["hasPreviousPage"] == false {
                break;
            }
            arguments = format!("last: 3, before: {}", part["pageInfo"]["startCursor"]);
        }
        assert_eq!(backward, all, "{list}");
    }
}

#[test]
fn pages_that_make_no_sense_are_refused() {
    let server = Server::start();
    for arguments in [
        "first: -1",
        "first: 501",
        "last: 501",
        "first: 1, last: 1",
        "after: \"\"",
        "after: \"nonsense\"",
        "before: \"WzAsIngiXQ\"",
        "first: 2147483647",
    ] {
        let query = format!("{{ findings({arguments}) {{ totalCount }} }}");
        assert_eq!(server.code(&query), "BAD_USER_INPUT", "{arguments}");
    }
}

#[test]
fn a_page_of_nothing_is_a_page() {
    let server = Server::start();
    let none = page(&server, "findings", "first: 0");
    assert_eq!(ids(&none), Vec::<String>::new());
    let none = page(&server, "findings", "filter: {rule: \"no-such-rule\"}");
    assert_eq!(none["totalCount"], 0);
}

#[test]
fn filters_leave_exactly_what_fits() {
    let server = Server::start();
    let all = server.data(
        "{ findings(first: 500) { nodes { id rule clause severity reason processor subjects fields culprit fingerprints } } }",
    );
    let all = all["findings"]["nodes"].as_array().expect("findings").clone();
    for key in ["rule", "clause", "reason", "processor", "culprit", "severity"] {
        for finding in &all {
            let wanted = &finding[key];
            let literal = if key == "severity" {
                wanted.as_str().expect("a severity").to_owned()
            } else {
                wanted.to_string()
            };
            let found = page(
                &server,
                "findings",
                &format!("first: 500, filter: {{{key}: {literal}}}"),
            );
            let fitting: Vec<_> = all
                .iter()
                .filter(|other| key == "clause" || &other[key] == wanted)
                .map(|other| other["id"].as_str().expect("an id").to_owned())
                .collect();
            let found = ids(&found);
            if key == "clause" {
                assert!(found.contains(&finding["id"].as_str().expect("an id").to_owned()));
            } else {
                assert_eq!(found, fitting, "{key} {wanted}");
            }
        }
    }
    let one = page(
        &server,
        "findings",
        "filter: {subject: \"lin\", field: \"mobile\"}",
    );
    assert!(one["totalCount"].as_u64().expect("a count") > 0);
    let none = page(&server, "findings", "filter: {subject: \"nobody\"}");
    assert_eq!(none["totalCount"], 0);
}
