//! What would a change do, what did commits do, and findings put up with.

use serde_json::json;

use super::fixture::{MORE_FACTS, Server};

const CHANGE: &str = "events:\n  - {id: extra, at: 2025-03-01T09:00:00+08:00, act: disclose, from: bank-east, subjects: [lin], fields: [mobile], purpose: marketing.direct}\nretract:\n  events: [newco-mailing]\n";

#[test]
fn a_change_is_judged_and_not_written() {
    let server = Server::start();
    let query = |change: &str| {
        format!(
            "{{ check(change: {}) {{ asOf newCount newFindings {{ act reason witness {{ act }} }} knownCount mendedCount mendedFindings {{ act }} }} store {{ sequence }} }}",
            json!(change)
        )
    };
    let data = server.data(&query(CHANGE));
    let check = &data["check"];
    assert!(check["newCount"].as_u64() > Some(0), "{data}");
    let new = check["newFindings"].as_array().unwrap();
    assert!(new.iter().all(|finding| finding["act"] == "extra"), "{data}");
    assert_eq!(check["mendedCount"], 1);
    assert_eq!(check["mendedFindings"][0]["act"], "newco-mailing");
    assert_eq!(check["knownCount"], 55);
    assert_eq!(
        server.data("{ findings { totalCount } }")["findings"]["totalCount"],
        56
    );
    assert_eq!(server.data("{ store { sequence } }")["store"], data["store"]);
    let errors = server.query(&query("retract: {events: [nothing]}")).json()["errors"].clone();
    assert_eq!(
        errors[0]["extensions"]["problems"][0]["code"], "FACT_UNKNOWN_REFERENCE",
        "{errors}"
    );
}

#[test]
fn two_commits_are_compared() {
    let server = Server::start();
    server.data(&format!(
        "mutation {{ commit(input: {{facts: {}}}) {{ sequence }} }}",
        json!(MORE_FACTS)
    ));
    let data =
        server.data("{ compare(base: 1, head: 2) { newCount newFindings { act } knownCount mendedCount } }");
    assert_eq!(data["compare"]["mendedCount"], 0);
    assert_eq!(data["compare"]["knownCount"], 56, "{data}");
    let new = data["compare"]["newFindings"].as_array().unwrap();
    assert!(
        !new.is_empty() && new.iter().all(|finding| finding["act"] == "late-mailing"),
        "{data}"
    );
    let back = server.data("{ compare(base: 2, head: 1) { newCount mendedCount } same: compare(base: 2) { newCount mendedCount } }");
    assert_eq!(back["compare"]["newCount"], 0);
    assert_eq!(back["compare"]["mendedCount"], data["compare"]["newCount"]);
    assert_eq!(back["same"], json!({"newCount": 0, "mendedCount": 0}));
    let errors = server.query("{ compare(base: 3) { newCount } }").json()["errors"].clone();
    assert_eq!(errors[0]["extensions"]["code"], "NOT_FOUND");
}

#[test]
fn a_finding_is_put_up_with_in_somebodys_name() {
    let server = Server::start();
    let data = server.data("{ findings(first: 1) { nodes { fingerprints } } }");
    let print = data["findings"]["nodes"][0]["fingerprints"][0].clone();
    let suppress = |print: &str| {
        format!(
            "mutation {{ suppress(input: {{fingerprint: {}, until: \"2026-01-01T00:00:00Z\", by: \"ana\", why: \"mended in autumn\"}}) {{ id sequence }} }}",
            json!(print)
        )
    };
    let data = server.data(&suppress(print.as_str().unwrap()));
    assert_eq!(data["suppress"]["sequence"], 2);
    let suppressed = |today: &str| {
        let asked = format!(
            "{{ findings(filter: {{fingerprint: {print}}}) {{ nodes {{ suppressed(today: \"{today}\") {{ id until by why }} }} }} }}"
        );
        server.data(&asked)["findings"]["nodes"][0]["suppressed"].clone()
    };
    let decision = suppressed("2025-12-31T00:00:00Z");
    assert_eq!(decision[0]["id"], data["suppress"]["id"]);
    assert_eq!(
        (&decision[0]["by"], &decision[0]["why"]),
        (&"ana".into(), &"mended in autumn".into())
    );
    assert_eq!(
        suppressed("2026-01-01T00:00:00Z"),
        serde_json::json!([]),
        "at its end it covers nothing"
    );
    let again = server.data(&suppress(print.as_str().unwrap()));
    assert_eq!(
        again["suppress"]["id"], data["suppress"]["id"],
        "the same decision is the same fact"
    );
    let errors = server.query(&suppress("0123")).json()["errors"].clone();
    assert_eq!(
        errors[0]["extensions"]["problems"][0]["code"], "FACT_BAD_WORD",
        "{errors}"
    );
}

#[test]
fn what_only_may_have_flowed_is_listed_when_it_is_asked_for() {
    let server = Server::start();
    let head = &MORE_FACTS[..MORE_FACTS.find("events:").expect("sections")];
    let facts = format!(
        "{head}events:\n  - {{id: maybe, at: 2025-03-01T09:00:00+08:00, act: disclose, from: bank-east, subjects: [lin], fields: [zhima-score], \
         purpose: marketing.direct, carries: possible}}\n"
    );
    let commit = "mutation C($facts: String!) { commit(input: {facts: $facts}) { sequence } }";
    let done = server.query_with(commit, &json!({ "facts": facts })).json();
    assert!(done["errors"].is_null(), "{done}");
    let list = |arguments: &str| {
        let query =
            format!("{{ findings{arguments} {{ totalCount nodes {{ act certainty supposes sentence }} }} }}");
        server.data(&query)["findings"].clone()
    };
    assert_eq!(list("")["totalCount"], 56);
    let with = list("(possible: true, filter: {certainty: POSSIBLE})");
    let found = with["nodes"].as_array().expect("findings");
    assert!(!found.is_empty(), "{with}");
    for finding in found {
        assert_eq!(finding["supposes"], json!(["maybe"]), "{finding}");
        let sentence = finding["sentence"].as_str().expect("a sentence");
        assert!(
            sentence.ends_with("Possible, not certain: it is so if data went with maybe."),
            "{sentence}"
        );
    }
    let all = list("(possible: true, first: 100)");
    assert_eq!(all["totalCount"].as_u64(), Some(56 + found.len() as u64), "{all}");
}
