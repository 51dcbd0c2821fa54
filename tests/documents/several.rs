//! All problems of a document come at once, sorted by their places.

use wherefore::import::{self, Format};

use super::marked::{refused_as, told, unmarked};

/// Two lines have two problems each.
const MANY: &str = "\
scenario: s
as_of: «2025-01-01
«mood: good
timezone: «Nowhere
subjects: [{id: ana, born: «1990-02-30}, {id: «ana}]
categories: [«{id: a, parent: b}, {id: b, parent: a}]
fields: [{id: email, category: «c, «category: a}]
processors: [{id: shop, kind: «company}]
events:
  - «{id: e, at: «2024-01-01T00:00:00, by: shop, subjects: [«bo], fields: [email], purpose: «ads}
";

#[test]
fn all_problems_of_all_kinds_are_told_in_the_order_of_their_places() {
    let codes = [
        "FACT_DATE_WITHOUT_TIME",
        "FACT_UNKNOWN_KEY",
        "FACT_BAD_ZONE",
        "FACT_BAD_DATE",
        "FACT_DUPLICATE_ID",
        "FACT_CYCLE",
        "FACT_UNKNOWN_REFERENCE",
        "FACT_DUPLICATE_KEY",
        "FACT_BAD_WORD",
        "FACT_MISSING_KEY",
        "FACT_BAD_INSTANT",
        "FACT_UNKNOWN_REFERENCE",
        "FACT_UNKNOWN_REFERENCE",
    ];
    refused_as(MANY, Format::Yaml, &codes);
}

#[test]
fn json_tells_the_same_as_yaml() {
    let (text, _) = unmarked(MANY);
    let yaml = import::read_alone(&text, "document", Format::Yaml).expect_err("it is wrong");
    // As JSON on one line: the same codes, sorted by their columns.
    let json = "{\"scenario\": \"s\", \"as_of\": \"2025-01-01\", \"mood\": \"good\", \"timezone\": \"Nowhere\", \
        \"subjects\": [{\"id\": \"ana\", \"born\": \"1990-02-30\"}, {\"id\": \"ana\"}], \
        \"categories\": [{\"id\": \"a\", \"parent\": \"b\"}, {\"id\": \"b\", \"parent\": \"a\"}], \
        \"fields\": [{\"id\": \"email\", \"category\": \"c\", \"category\": \"a\"}], \
        \"processors\": [{\"id\": \"shop\", \"kind\": \"company\"}], \
        \"events\": [{\"id\": \"e\", \"at\": \"2024-01-01T00:00:00\", \"by\": \"shop\", \"subjects\": [\"bo\"], \"fields\": [\"email\"], \"purpose\": \"ads\"}]}";
    let json = import::read_alone(json, "document", Format::Json).expect_err("it is wrong");
    let codes = |problems: &[_]| {
        told(problems)
            .into_iter()
            .map(|(code, _, _)| code)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&json), codes(&yaml));
    assert!(json.windows(2).all(|two| two[0].place <= two[1].place));
}
