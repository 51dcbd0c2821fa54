//! What is found in a case so large that threads share it is what is found in its parts, each judged by one thread.

use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::model::finding::{Culprit, Finding};
use wherefore::packs;
use wherefore::rules;

const PEOPLE: usize = 220;
const ACTS_EACH: usize = 100;

const HEADER: &str = r#"{"scenario":"shared","as_of":"2025-01-01T00:00:00Z"}"#;

/// Rules of the facts beside those of the packs: two with one check and different limits, and two lists of `authorized`.
const RULES: &str = r#"{"rules":{"id":"held-1","clause":"H","severity":"note","check":"flow-supported","only":{"acts":["share"]}}}
{"rules":{"id":"held-2","clause":"H","severity":"error","check":"flow-supported","only":{"fields":["f1"]}}}
{"rules":{"id":"held-3","clause":"H","severity":"error","check":"flow-supported","only":{"purposes":["w1"]}}}
{"rules":{"id":"some","clause":"A","severity":"error","check":"authorized","when":{"acts":"use"}}}
{"rules":{"id":"any","clause":"A","severity":"error","check":"authorized"}}
"#;

fn things() -> String {
    let mut lines = vec![HEADER.to_owned(), r#"{"categories":{"id":"device"}}"#.to_owned()];
    for i in 0..4 {
        lines.push(format!(r#"{{"fields":{{"id":"f{i}","category":"device"}}}}"#));
        lines.push(format!(
            r#"{{"processors":{{"id":"p{i}","kind":"controller","country":"{}"}}}}"#,
            ["CN", "SG"][i % 2]
        ));
        lines.push(format!(r#"{{"purposes":{{"id":"w{i}"}}}}"#));
    }
    lines.extend((0..PEOPLE).map(|i| format!(r#"{{"subjects":{{"id":"u{i}"}}}}"#)));
    lines.join("\n") + "\n" + RULES
}

/// The acts of one person, at most one a day, so that some data is kept too long.
fn acts(person: usize) -> String {
    let mut state = person as u64 + 1;
    let mut below = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let act = |i: usize| {
        let (from, to, field, purpose) = (below(4), below(4), below(4), below(4));
        let parties = match below(5) {
            0 => format!(r#""act":"collect","to":"p{to}""#),
            1 | 2 => format!(r#""act":"share","from":"p{from}","to":"p{to}""#),
            3 => format!(r#""act":"use","by":"p{from}""#),
            _ => format!(r#""act":"delete","by":"p{from}""#),
        };
        let (month, day) = (1 + i / 28 % 12, 1 + i % 28);
        format!(
            r#"{{"events":{{"id":"u{person}-{i}","at":"2023-{month:02}-{day:02}T{:02}:00:00Z",{parties},"subjects":["u{person}"],"fields":["f{field}"],"purpose":"w{purpose}"}}}}"#,
            23 - i % 24
        ) + "\n"
    };
    (0..ACTS_EACH).map(act).collect()
}

/// What is found about acts, without the places of what is in another line of each file.
fn found(text: &str) -> Vec<Finding> {
    let document = import::read_alone(text, "shared.ndjson", Format::Ndjson).expect("the facts are valid");
    let specs = [
        "partner-rules:platform=p1",
        "zhima-credit:self=p1",
        "pipl:self=p1",
        "gdpr:self=p1",
        "biometric-guidelines:self=p1",
    ];
    let bound = packs::built_in(&specs.map(str::to_owned)).expect("there are these packs");
    let snapshot = Snapshot::of_document(document)
        .with_packs(&bound)
        .expect("they can be bound");
    let all = snapshot.findings(None).expect("the facts can be judged");
    let mut found: Vec<Finding> = all
        .iter()
        .filter(|finding| matches!(finding.culprit, Culprit::Event(_)))
        .map(|finding| Finding::clone(finding))
        .collect();
    for finding in &mut found {
        finding.place = None;
        for step in &mut finding.witness {
            step.place = None;
        }
    }
    found
}

#[test]
fn what_threads_share_is_what_one_finds() {
    let things = things();
    let each: Vec<String> = (0..PEOPLE).map(acts).collect();
    let mut one_by_one: Vec<Finding> = each
        .iter()
        .flat_map(|acts| found(&format!("{things}{acts}")))
        .collect();
    rules::sort(&mut one_by_one);
    let together = found(&format!("{things}{}", each.concat()));
    assert!(together.len() > 50_000, "{} findings", together.len());
    assert_eq!(together.len(), one_by_one.len());
    for (together, alone) in together.iter().zip(&one_by_one) {
        assert_eq!(together, alone);
    }
}
