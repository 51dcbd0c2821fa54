//! Answers have the shape that the schema promises, and carry the ground they stand on.

use serde_json::json;

use super::fixture::Server;

#[test]
fn reach_is_answered_with_verdict_reasons_and_witness() {
    let server = Server::start();
    let data = server.data(
        "{ reach(field: \"ride-fulfilment\", from: \"ride-hail\", to: \"bank-east\", subject: \"lin\") {
            verdict reasons { code text } witness { position act at kind actor recipient fields purpose }
            arrivals contradicted boundary asOf sequence head } store { sequence head } }",
    );
    let answer = &data["reach"];
    assert_eq!(answer["verdict"], "YES");
    assert!(!answer["reasons"][0]["code"].as_str().expect("a code").is_empty());
    assert_eq!(answer["witness"][0]["position"], 1);
    assert_eq!(answer["witness"][0]["kind"], "COLLECT");
    assert_eq!(answer["arrivals"], json!(["bank-lin-1"]));
    assert_eq!(answer["asOf"], "2025-06-30T00:00:00+08:00");
    assert_eq!(
        (&answer["sequence"], &answer["head"]),
        (&data["store"]["sequence"], &data["store"]["head"])
    );
}

#[test]
fn the_other_questions_are_answered_too() {
    let server = Server::start();
    let data = server.data(
        "{ holders(field: \"zhima-score\", subject: \"lin\") { verdict holders }
           uses(field: \"zhima-score\", subject: \"lin\") { verdict uses { processor purpose } }
           crossings(subject: \"lin\") { verdict crossings { at act { act border { from to } } processor fields fromCountry toCountry mechanisms } }
           sources(processor: \"bank-east\", field: \"zhima-score\", subject: \"lin\") { verdict sources { processor field act } }
           downstream(from: \"zhima\", field: \"mobile\", subject: \"lin\") { verdict holdings { processor field } } }",
    );
    for question in ["holders", "uses", "crossings", "sources", "downstream"] {
        assert_eq!(data[question]["verdict"], "YES", "{data}");
    }
    let crossings = data["crossings"]["crossings"].as_array().expect("a list");
    assert!(crossings.iter().any(|crossing| crossing["act"]["act"] == "sg-1"));
    let moved = crossings
        .iter()
        .find(|crossing| crossing["act"].is_null())
        .expect("a move");
    assert_eq!(
        (&moved["processor"], &moved["toCountry"]),
        (&json!("ride-hail"), &json!("SG"))
    );
}

#[test]
fn judged_questions_are_answered_in_rows() {
    let server = Server::start();
    let data = server.data(
        "{ paths(field: \"zhima-score\", to: \"bank-east\", subject: \"lin\") { verdict rows { code act processor because witness { act } } }
           unlawful(field: \"mobile\", subject: \"lin\") { verdict rows { code act processor parties } }
           cut(field: \"zhima-score\", to: \"bank-east\", subject: \"lin\") { reasons { text } rows { code act witness { act } } }
           withdrawal(authorization: \"az-power\") { rows { code act processor because } }
           erasure(subject: \"lin\", processor: \"zhima\") { rows { code processor fields because due } }
           exposure(processor: \"rental-sg\", subject: \"bo\") { rows { code subjects fields due } }
           unexplained { verdict rows { code processor fields } } }",
    );
    let paths = &data["paths"]["rows"];
    assert_eq!(
        (&paths[0]["code"], &paths[1]["code"]),
        (&json!("lawful"), &json!("unlawful"))
    );
    assert_eq!(paths[1]["because"], json!(["az-bank-lin"]));
    let unlawful = &data["unlawful"]["rows"];
    assert_eq!(unlawful.as_array().map(Vec::len), Some(1), "{data}");
    assert_eq!(unlawful[0]["processor"], "promo-partner");
    assert_eq!(data["unexplained"]["verdict"], "YES");
    let codes = |question: &str| -> Vec<String> {
        let rows = data[question]["rows"].as_array().expect("rows").iter();
        let mut codes: Vec<String> = rows
            .map(|row| row["code"].as_str().expect("a code").to_owned())
            .collect();
        codes.dedup();
        codes
    };
    assert_eq!(codes("cut"), ["act", "relationship"]);
    assert_eq!(codes("withdrawal"), ["breaks", "held-without-ground"]);
    assert_eq!(codes("erasure"), ["delete", "notify", "kept", "public"]);
    assert_eq!(codes("exposure"), ["exposed", "source", "tell-subjects"]);
}

#[test]
fn instants_are_taken_with_any_offset_and_printed_in_the_zone_of_the_facts() {
    let server = Server::start();
    let data = server.data("{ crossings(subject: \"lin\", asOf: \"2025-01-01T00:00:00Z\") { asOf } }");
    assert_eq!(data["crossings"]["asOf"], "2025-01-01T08:00:00+08:00");
}

#[test]
fn everything_with_an_id_is_found_by_it() {
    let server = Server::start();
    let data = server.data(
        "{ act(id: \"bank-lin-1\") { id key kind at place { line } }
           findings(first: 1) { nodes { id fingerprints } } processors(first: 1) { nodes { id key } }
           fields(first: 1) { nodes { id } } purposes(first: 1) { nodes { id } } categories(first: 1) { nodes { id } } }",
    );
    let mut ids = vec![data["act"]["id"].clone()];
    for list in ["findings", "processors", "fields", "purposes", "categories"] {
        ids.push(data[list]["nodes"][0]["id"].clone());
    }
    let query = format!("{{ nodes(ids: {}) {{ __typename id }} }}", json!(ids));
    let nodes = server.data(&query)["nodes"].clone();
    let names = ["Act", "Finding", "Processor", "Field", "Purpose", "Category"];
    for (index, name) in names.iter().enumerate() {
        assert_eq!(nodes[index], json!({ "__typename": name, "id": ids[index] }));
    }
    let fingerprint = &data["findings"]["nodes"][0]["fingerprints"][0];
    let found = server.data(&format!(
        "{{ finding(fingerprint: {fingerprint}) {{ fingerprints }} }}"
    ));
    assert_eq!(&found["finding"]["fingerprints"][0], fingerprint);
}

#[test]
fn facts_are_exported_in_every_format_and_tables_in_base64() {
    let server = Server::start();
    let listed = server.data("{ __type(name: \"ExportFormat\") { enumValues { name } } }");
    let formats = listed["__type"]["enumValues"]
        .as_array()
        .expect("formats")
        .clone();
    assert!(formats.len() > 10, "{listed}");
    for format in formats {
        let name = format["name"].as_str().expect("a name");
        let data = server.data(&format!("{{ export(format: {name}) }}"));
        let text = data["export"].as_str().expect("a text");
        assert!(text.len() > 1_000, "{name}: {text}");
        // `PAR1`, with which the format begins and ends.
        assert_eq!(text.starts_with("UEFSM"), name == "PARQUET", "{name}");
    }
}
