//! Documents made to hurt: each is refused or answered within two seconds, and the server still answers.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::get;
use super::fixture::Server;

fn bomb(levels: usize) -> String {
    let mut text = String::from("{ ...f0 }\n");
    for level in 0..levels {
        let _ = writeln!(
            text,
            "fragment f{level} on Query {{ ...f{0} ...f{0} }}",
            level + 1
        );
    }
    let _ = writeln!(text, "fragment f{levels} on Query {{ __typename }}");
    text
}

fn repeat(count: usize, make: impl Fn(usize) -> String) -> String {
    (0..count).map(make).collect()
}

#[test]
fn hostile_documents_are_refused_in_time() {
    let server = Server::start();
    let too_complex = "QUERY_TOO_COMPLEX";
    let invalid = "GRAPHQL_VALIDATION_FAILED";
    let nest = |count: usize| "{ a ".repeat(count) + &"}".repeat(count);
    let cases: Vec<(&str, String, &str)> = vec![
        ("fragment bomb, 17 levels", bomb(17), too_complex),
        ("fragment bomb, 25 levels", bomb(25), too_complex),
        ("fragment bomb, 31 levels", bomb(31), too_complex),
        ("fragment bomb, 300 levels", bomb(300), too_complex),
        (
            "fragment bomb that nothing uses",
            bomb(31).replacen("...f0", "__typename", 1),
            too_complex,
        ),
        ("nested 40 deep", nest(40), too_complex),
        ("nested 5,000 deep", nest(5_000), too_complex),
        ("nested 170,000 deep", nest(170_000), too_complex),
        (
            "nested inline fragments",
            "{ ... ".repeat(60) + "{ a }" + &"}".repeat(60),
            too_complex,
        ),
        (
            "nested lists",
            format!(
                "{{ __type(name: {}{}) {{ name }} }}",
                "[".repeat(100_000),
                "]".repeat(100_000)
            ),
            too_complex,
        ),
        (
            "nested objects",
            format!(
                "{{ findings(filter: {}1{}) {{ totalCount }} }}",
                "{a:".repeat(50_000),
                "}".repeat(50_000)
            ),
            too_complex,
        ),
        (
            "circular fragments",
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
            too_complex,
        ),
        (
            "a fragment of itself",
            "{ ...a } fragment a on Query { ...a }".to_owned(),
            too_complex,
        ),
        (
            "2,001 aliases",
            format!("{{ {} }}", repeat(2_001, |n| format!("a{n}: __typename "))),
            too_complex,
        ),
        (
            "80,000 aliases",
            format!("{{ {} }}", repeat(80_000, |n| format!("a{n}:b "))),
            too_complex,
        ),
        (
            "500 expensive questions",
            format!(
                "{{ {} }}",
                repeat(500, |n| format!(
                    "a{n}: crossings(subject: \"lin\") {{ verdict }} "
                ))
            ),
            too_complex,
        ),
        (
            "large pages of everything",
            format!(
                "{{ {} }}",
                repeat(50, |n| format!(
                    "a{n}: findings(first: 500) {{ edges {{ node {{ rule }} }} }} "
                ))
            ),
            too_complex,
        ),
        (
            "what may be found, again and again",
            format!(
                "{{ {} }}",
                repeat(20, |n| format!(
                    "a{n}: findings(possible: true, first: 1) {{ totalCount }} "
                ))
            ),
            too_complex,
        ),
        (
            "2,000 directives",
            format!("{{ __typename {} }}", "@include(if: true) ".repeat(2_000)),
            too_complex,
        ),
        (
            "3,000 operations",
            repeat(3_000, |n| format!("query q{n} {{ __typename }} ")),
            too_complex,
        ),
        (
            "many operations on one fragment",
            {
                let body = repeat(300, |n| format!("a{n}: __typename "));
                format!(
                    "fragment f on Query {{ {body} }} {}",
                    repeat(50, |n| format!("query q{n} {{ ...f }} "))
                )
            },
            too_complex,
        ),
        (
            "introspection in circles",
            format!(
                "{{ __schema {{ types {} {{ name }} {} }} }}",
                "{ fields { type ".repeat(8),
                "} }".repeat(8)
            ),
            too_complex,
        ),
        (
            "unknown fields by the hundred",
            format!("{{ {} }}", repeat(1_500, |n| format!("a{n} "))),
            invalid,
        ),
        (
            "an unfinished string",
            format!("{{ a(b: \"{}", "x".repeat(500_000)),
            "GRAPHQL_PARSE_FAILED",
        ),
        ("a flood of commas", ",".repeat(900_000), "GRAPHQL_PARSE_FAILED"),
        (
            "a comment without an end",
            format!("# {}", "x".repeat(900_000)),
            "GRAPHQL_PARSE_FAILED",
        ),
    ];
    for (name, query, code) in cases {
        let began = Instant::now();
        let reply = server.query(&query);
        let took = began.elapsed();
        assert_eq!((reply.status, reply.code().as_str()), (400, code), "{name}");
        assert!(took < Duration::from_secs(2), "{name} took {took:?}");
        assert_eq!(get(server.address, "/healthz").status, 200, "after {name}");
    }
}

#[test]
fn large_but_honest_documents_are_answered() {
    let server = Server::start();
    let aliases = format!("{{ {} }}", repeat(1_000, |n| format!("a{n}: __typename ")));
    assert_eq!(server.query(&aliases).status, 200);
    let facts = "# ".to_owned() + &"{[(".repeat(100_000);
    let commit = "mutation C($facts: String!) { commit(input: {facts: $facts}) { sequence } }";
    let reply = server.query_with(commit, &json!({ "facts": facts }));
    assert_eq!(
        reply.code(),
        "FACT_INVALID",
        "the text of a variable is not a document"
    );
    assert!(!server.data(INTROSPECTION)["__schema"]["types"].is_null());
    let details = "{ findings(first: 500) { totalCount nodes { id rule clause severity reason at culprit act fact \
        processor subjects fields because sentence fingerprints place { file line column } \
        witness { position act at kind method actor recipient subjects fields makes purpose border { from to } } } \
        edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    server.data(details);
}

/// The introspection query of graphql-js with every option; GraphiQL sends it.
pub const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } \
    mutationType { name kind } subscriptionType { name kind } types { ...FullType } directives { name description \
    isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } } \
    fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name \
    description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } \
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } \
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { \
    ...TypeRef } } fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue \
    isDeprecated deprecationReason } fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name \
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind \
    name ofType { kind name } } } } } } } } } }";
