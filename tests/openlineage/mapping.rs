//! The mapping file: what it says of datasets, and what is wrong with it.

use serde_json::{Value, json};
use wherefore::import::mapping::Mapping;
use wherefore::import::openlineage;
use wherefore::model::question::{Question, ReachQuestion};
use wherefore::model::word::Verdict;

use super::meaning::{dataset, facts, gathered, lineage, reach, run, snapshot};

#[test]
fn patterns_name_processors_categories_and_short_names() {
    let text = "\
mapping: 1
processors: [{id: shop, kind: controller, country: DE}, {id: mart, kind: controller, country: US}]
categories: [{id: contact.email}]
purposes: [{id: ads}, {id: service}]
datasets:
  - {match: {name: '*.marts.*'}, processor: mart, as: 'mart-{2}'}
  - {match: {namespace: pg}, processor: shop, fields: [{match: e?ail, category: contact.email}]}
  - {match: {name: 'db.*'}, as: '{1}'}
jobs: [{match: {name: job-1}, purpose: ads}]
purpose_words: [{match: 'customer *', purpose: service}]
";
    let people = dataset("pg db.people", &["email"], json!({}));
    let mails = dataset(
        "pg db.marts.mails",
        &["to"],
        lineage(&[("to", "pg db.people", "email", "DIRECT", false)]),
    );
    let snapshot = snapshot(&[run("1", "COMPLETE", 1, vec![people], vec![mails])], text);
    let question = ReachQuestion::new("people.email".into(), "mart".into(), "everyone".into());
    let answer = snapshot.ask(&Question::Reach(question), None).expect("an answer");
    assert_eq!(answer.verdict, Verdict::Yes);
    let fields = snapshot.fields();
    let made = fields
        .iter()
        .find(|field| field.id.as_str() == "mart-mails.to")
        .expect("a short name");
    assert_eq!(
        made.categories.len(),
        1,
        "a category goes along with what is made of its column"
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = "\
mapping: 2
datasets:
  - {match: {nmae: 'x'}, processor: a}
  - {processor: b, fields: [{category: c}]}
legal_basis: perhaps
tags: [{match: {key: pii}}]
";
    let problems = Mapping::read(text, "m.yaml").expect_err("mistakes");
    let found: Vec<String> = problems
        .iter()
        .map(|problem| {
            format!(
                "{}:{} {}",
                problem.place.line,
                problem.place.column,
                problem.code.as_str()
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "1:10 FACT_BAD_WORD",
            "5:14 FACT_BAD_WORD",
            "3:13 FACT_MISSING_KEY",
            "3:14 FACT_UNKNOWN_KEY",
            "4:5 FACT_MISSING_KEY",
            "4:29 FACT_MISSING_KEY",
            "6:8 FACT_MISSING_KEY",
        ]
    );
}

#[test]
fn a_short_name_is_filled_with_what_its_pattern_has() {
    let problems = |alias: &str, name: &str| {
        let text = format!("mapping: 1\ndatasets: [{{match: {{name: \"{name}\"}}, as: \"{alias}\"}}]\n");
        let read = Mapping::read(&text, "m.yaml");
        read.map_or_else(|problems| problems, |(_, warnings)| warnings)
    };
    for (alias, name) in [
        ("{1}", "*"),
        ("{2}.{1}", "*.*"),
        ("{namespace}/{name}", "x"),
        ("plain", "x"),
    ] {
        assert_eq!(problems(alias, name), [], "{alias} {name}");
    }
    for (alias, name) in [("{3}", "*.*"), ("{0}", "*"), ("{1}", "x"), ("{table}", "*")] {
        let found = problems(alias, name);
        assert_eq!(found.len(), 1, "{alias} {name}: {found:?}");
        assert!(
            found[0].message.contains(alias) && found[0].place.line == 2,
            "{found:?}"
        );
    }
}

#[test]
fn what_rules_name_and_nothing_declares_is_told() {
    let text = "\
mapping: 1
processors: [{id: runner, kind: controller}]
datasets:
  - {match: {name: 'x*'}, processor: shop, category: [mail, phone]}
  - {match: {name: 'y*'}, processor: shop, fields: [{match: m, category: mail}]}
jobs: [{match: {name: j}, processor: runner, purpose: ads}]
tags: [{match: {key: k}, category: tagged}]
purpose_words: [{match: w, purpose: words}]
";
    let (mapping, _) = Mapping::read(text, "m.yaml").expect("a mapping");
    let open: Vec<String> = mapping
        .undeclared()
        .iter()
        .map(|(section, id, place)| format!("{section} {id} {}", place.line))
        .collect();
    let wanted = [
        "processors shop 4",
        "purposes ads 6",
        "purposes words 8",
        "categories mail 4",
        "categories phone 4",
        "categories tagged 7",
    ];
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    assert_eq!(sorted(open), sorted(wanted.map(str::to_owned).to_vec()));
}

#[test]
fn what_nobody_claims_is_proposed_as_a_mapping_that_can_be_read() {
    let people = dataset("pg://crm people", &["home_phone", "x"], json!({}));
    let events = [run(
        "1",
        "COMPLETE",
        1,
        vec![people.clone()],
        vec![dataset("s3 out", &["y"], json!({}))],
    )];
    let gathered = gathered(&events);
    let none = Mapping::default();
    let unmapped = openlineage::unmapped(&gathered, &none);
    let text = wherefore::import::suggest::rules(&gathered, &none, &unmapped);
    let (proposed, warnings) =
        Mapping::read(&text, "proposed").unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(openlineage::unmapped(&gathered, &proposed).is_empty(), "{text}");
    assert!(text.contains("contact.phone"), "{text}");
}

/// crm.people is copied into wh.stage by run 1, from START to COMPLETE; run 2 copies wh.stage into out.mails.
fn two_runs(second_starts: u32) -> Vec<Value> {
    let mut events = vec![
        run(
            "1",
            "START",
            10,
            vec![dataset("crm people", &["email"], json!({}))],
            vec![],
        ),
        run(
            "1",
            "COMPLETE",
            20,
            vec![],
            vec![dataset(
                "wh stage",
                &["email"],
                lineage(&[("email", "crm people", "email", "DIRECT", false)]),
            )],
        ),
    ];
    events.push(run(
        "2",
        "START",
        second_starts,
        vec![dataset("wh stage", &["email"], json!({}))],
        vec![],
    ));
    events.push(run(
        "2",
        "COMPLETE",
        30,
        vec![],
        vec![dataset(
            "out mails",
            &["to"],
            lineage(&[("to", "wh stage", "email", "DIRECT", false)]),
        )],
    ));
    events
}

#[test]
fn what_a_run_read_has_the_bounds_of_its_start_and_its_end_where_the_mapping_asks() {
    const BOUNDS: &str = "mapping: 1\ntimes: bounds\n";
    const COMPLETED: &str = "mapping: 1\ntimes: completed\n";
    let verdict = |events: &[Value], mapping: &str| {
        reach(&snapshot(events, mapping), "crm/people#email", "out", false).verdict
    };
    // One after the other: as without. The second may even begin at the instant at which the first ends.
    for starts in [20, 25] {
        assert_eq!(verdict(&two_runs(starts), BOUNDS), Verdict::Yes, "{starts}");
    }
    // The second began while the first went on, and may have read before anything was written.
    let overlap = two_runs(15);
    assert_eq!(verdict(&overlap, COMPLETED), Verdict::Yes);
    assert_eq!(verdict(&overlap, "mapping: 1\n"), Verdict::Possible);
    assert_eq!(verdict(&overlap, BOUNDS), Verdict::Possible);
    let bounds = |end: &str, start: &str| {
        format!("{{\"earliest\":\"2024-05-01T09:{start}:00Z\",\"latest\":\"2024-05-01T09:{end}:00Z\"}}")
    };
    let stated = facts(&overlap, BOUNDS).join("\n");
    assert!(stated.contains(&bounds("20", "10")), "{stated}");
    assert!(stated.contains(&bounds("30", "15")), "{stated}");
    // Where nothing is asked for, what reads while something is written has bounds, and nothing else; or else nothing has.
    let stated = facts(&overlap, "mapping: 1\n").join("\n");
    assert!(
        stated.contains(&bounds("30", "15")) && !stated.contains(&bounds("20", "10")),
        "{stated}"
    );
    assert!(
        !facts(&two_runs(25), "mapping: 1\n")
            .join("\n")
            .contains("earliest")
    );
    assert!(!facts(&overlap, COMPLETED).join("\n").contains("earliest"));
    // Rules for jobs go before what holds for all, both ways.
    let of_jobs = |all: &str, second: &str| {
        let text = format!("mapping: 1\ntimes: {all}\njobs: [{{match: {{name: job-2}}, times: {second}}}]\n");
        facts(&overlap, &text).join("\n").matches("earliest").count()
    };
    assert_eq!(
        (of_jobs("completed", "bounds"), of_jobs("bounds", "completed")),
        (1, 1)
    );
    // A run that also takes something away, that did not end well, or of which one end is not known, is taken as ever.
    let bounded = |events: &[Value]| facts(events, BOUNDS).join("\n").matches("earliest").count();
    assert_eq!(bounded(&overlap), 2);
    let mut overwrites = overlap.clone();
    overwrites[3]["outputs"][0]["facets"]["lifecycleStateChange"] =
        json!({"lifecycleStateChange": "OVERWRITE"});
    let mut failed = overlap.clone();
    failed[3]["eventType"] = "FAIL".into();
    let mut unstarted = overlap.clone();
    unstarted.remove(0);
    for events in [overwrites, failed, unstarted] {
        assert_eq!(bounded(&events), 1, "{events:#?}");
    }
}

#[test]
fn who_runs_a_job_reads_within_the_bounds_and_makes_at_the_end() {
    let mapping = "mapping: 1\ntimes: bounds\nprocessors: [{id: team, kind: controller}]\njobs: [{match: {namespace: jobs}, processor: team}]\n";
    let stated: Vec<String> = facts(&two_runs(25), mapping)
        .into_iter()
        .filter(|fact| fact.starts_with("events"))
        .collect();
    let with = |kind: &str, from: &str| {
        stated
            .iter()
            .find(|fact| fact.contains(&format!("\"act\":\"{kind}\"")) && fact.contains(from))
            .unwrap_or_else(|| panic!("{kind} {from}: {stated:#?}"))
    };
    assert!(
        with("share", "\"from\":\"crm\"").contains("earliest"),
        "{stated:#?}"
    );
    assert!(
        !with("derive", "wh/stage#email").contains("earliest"),
        "{stated:#?}"
    );
    assert!(
        !with("share", "\"to\":\"wh\"").contains("earliest"),
        "{stated:#?}"
    );
    let known = snapshot(&two_runs(25), mapping);
    assert_eq!(
        reach(&known, "crm/people#email", "out", false).verdict,
        Verdict::Yes
    );
}
