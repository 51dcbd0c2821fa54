//! The judge and the questions against the oracle, on random fact files.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::question;
use wherefore::report::json as printed;

use super::oracle::ties::{self, Mark};
use super::oracle::{facts, findings, generate, generate_wide, hold, judged, questions, witness};

use crate::ground::ground;

/// Random files in the check run: all tests together more than 100,000. `WHEREFORE_CASES` asks for another number.
fn cases() -> u32 {
    let wanted = std::env::var("WHEREFORE_CASES").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(55_000)
}

/// Bytes that a file is drawn from: enough that every reason of every check occurs.
fn entropy() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..1_200)
}

fn run(cases: u32, test: impl Fn(Vec<u8>) -> Result<(), TestCaseError>) {
    run_on(entropy(), cases, test);
}

fn run_on(
    entropy: impl Strategy<Value = Vec<u8>>,
    cases: u32,
    test: impl Fn(Vec<u8>) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4_000,
        rng_seed: RngSeed::Fixed(super::seed::seed()),
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    if let Err(error) = runner.run(&entropy, test) {
        panic!("{error}");
    }
}

fn snapshot(file: &Value) -> Result<Snapshot, TestCaseError> {
    let text = file.to_string();
    let document = import::read_alone(&text, "random.json", Format::Json)
        .map_err(|problems| TestCaseError::fail(format!("refused: {problems:?}\n{file:#}")))?;
    Ok(Snapshot::of_document(document))
}

/// A finding without what only one side prints.
fn shared_keys(finding: &Value) -> Value {
    let mut map = finding.as_object().expect("a finding is an object").clone();
    for key in ["why", "fingerprints", "place"] {
        map.shift_remove(key);
    }
    map.into()
}

/// What the program finds in a file is what the oracle finds, and in its order; every witness is verified.
fn compare_findings(file: &Value) -> Result<(), TestCaseError> {
    let snapshot = snapshot(file)?;
    let found = snapshot.findings(None).expect("a valid file can be judged");
    let found = printed::findings(&found.to_vec(), &ground(&snapshot));
    let found: Vec<Value> = found["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(shared_keys)
        .collect();
    let wanted = findings::findings(file);
    for (found, wanted) in found.iter().zip(&wanted) {
        prop_assert_eq!(found, wanted, "in {:#}", file);
    }
    prop_assert_eq!(
        found.len(),
        wanted.len(),
        "in {:#}\nfound {:#}\nwanted {:#}",
        file,
        json!(found),
        json!(wanted)
    );
    for finding in &found {
        if let Err(why) = witness::verify(file, finding) {
            return Err(TestCaseError::fail(format!("{why}: {finding:#} in {file:#}")));
        }
    }
    Ok(())
}

#[test]
fn findings_are_those_of_the_oracle() {
    run(cases(), |bytes| compare_findings(&generate::fact_file(&bytes)));
}

#[test]
fn findings_of_further_checks_are_those_of_the_oracle() {
    run(cases() / 2, |bytes| {
        compare_findings(&generate_wide::wide_file(&bytes))
    });
}

/// How often it was compared by which way a decision descends from an attribute in a file with standing acts.
static COMPARED: AtomicUsize = AtomicUsize::new(0);

/// Random files with standing acts: fewer, since the oracle judges each of their moments by itself.
const STANDING: u32 = 4_000;

#[test]
fn findings_of_standing_acts_are_those_of_the_oracle() {
    run(STANDING, |bytes| {
        let file = generate::standing_file(&bytes);
        let snapshot = snapshot(&file)?;
        let found = snapshot.findings(None).expect("a valid file can be judged");
        let found = printed::findings(&found.to_vec(), &ground(&snapshot));
        // Which of several equal chains is shown, and the order of equal findings, are not compared.
        let bare = |findings: &[Value]| -> Vec<String> {
            let mut all: Vec<String> = findings
                .iter()
                .map(|finding| {
                    let mut finding = shared_keys(finding);
                    for key in ["id", "witness"] {
                        finding.as_object_mut().expect("an object").shift_remove(key);
                    }
                    finding.to_string()
                })
                .collect();
            all.sort();
            all
        };
        let found = found["findings"].as_array().expect("a list");
        let wanted = findings::findings(&file);
        prop_assert_eq!(bare(found), bare(&wanted), "in {:#}", file);
        // But what stands elsewhere changes nothing of how a decision descends from an attribute.
        let descends = |finding: &&Value| {
            finding["reason"] == "protected-attribute-in-decision" && finding.get("witness").is_some()
        };
        for wanted in wanted.iter().filter(descends) {
            let is_it = |finding: &&Value| bare(&[(*finding).clone()]) == bare(std::slice::from_ref(wanted));
            let shown: Vec<&Value> = found
                .iter()
                .filter(is_it)
                .map(|finding| &finding["witness"])
                .collect();
            prop_assert!(
                shown.contains(&&wanted["witness"]),
                "{:?} for {:#} in {:#}",
                shown,
                wanted,
                file
            );
            COMPARED.fetch_add(1, Ordering::Relaxed);
        }
        for finding in found {
            if let Err(why) = witness::verify(&file, finding) {
                return Err(TestCaseError::fail(format!("{why}: {finding:#} in {file:#}")));
            }
        }
        Ok(())
    });
    let compared = COMPARED.load(Ordering::Relaxed);
    assert!(compared > 20, "only {compared} ways were compared");
}

#[test]
fn answers_about_standing_acts_are_those_of_the_oracle() {
    run(STANDING * 4, |bytes| {
        let file = generate::standing_file(&bytes);
        let snapshot = snapshot(&file)?;
        for ask in generate::questions(&bytes[bytes.len() / 2..], &file) {
            let asked = question::read(&ask.to_string()).expect("a valid question can be read");
            let snapshot = snapshot.known_at(asked.as_known_at).expect("a file is in memory");
            let asked = asked.question;
            let answer = match snapshot.ask(&asked, None) {
                Ok(answer) => printed::answer(&asked, &answer, &ground(&snapshot)),
                Err(error) => return Err(TestCaseError::fail(format!("{error}: {ask} in {file:#}"))),
            };
            let wanted = questions::answer(&file, &ask);
            for key in ["answer", "arrivals"] {
                prop_assert_eq!(
                    answer.get(key),
                    wanted.get(key),
                    "{} of {} in {:#}",
                    key,
                    ask,
                    file
                );
            }
            if asked.kind() == "reach"
                && let Err(why) = witness::verify_reach(&file, &ask, &answer)
            {
                return Err(TestCaseError::fail(format!("{why}: {ask} in {file:#}")));
            }
        }
        Ok(())
    });
}

#[test]
fn answers_are_those_of_the_oracle() {
    run(cases(), |bytes| {
        let file = generate::fact_file(&bytes);
        let snapshot = snapshot(&file)?;
        let half = bytes.len() / 2;
        for ask in generate::questions(&bytes[half..], &file) {
            let asked = question::read(&ask.to_string()).expect("a valid question can be read");
            let snapshot = snapshot.known_at(asked.as_known_at).expect("a file is in memory");
            let asked = asked.question;
            let answer = match snapshot.ask(&asked, None) {
                Ok(answer) => printed::answer(&asked, &answer, &ground(&snapshot)),
                Err(error) => return Err(TestCaseError::fail(format!("{error}: {ask} in {file:#}"))),
            };
            let wanted = questions::answer(&file, &ask);
            for key in ["answer", "witness", "arrivals"] {
                prop_assert_eq!(
                    answer.get(key),
                    wanted.get(key),
                    "{} of {} in {:#}",
                    key,
                    ask,
                    file
                );
            }
            if asked.kind() == "reach"
                && let Err(why) = witness::verify_reach(&file, &ask, &answer)
            {
                return Err(TestCaseError::fail(format!("{why}: {ask} in {file:#}")));
            }
        }
        Ok(())
    });
}

#[test]
fn what_reached_somebody_of_anybodys_is_the_union_over_all_persons() {
    let yes = std::cell::Cell::new(0);
    run(cases() / 5, |bytes| {
        let file = if bytes.len().is_multiple_of(4) {
            generate::standing_file(&bytes)
        } else {
            generate::fact_file(&bytes)
        };
        let snapshot = snapshot(&file)?;
        let persons = file["subjects"].as_array().into_iter().flatten();
        let persons: Vec<Value> = persons
            .map(|person| person["id"].clone())
            .chain([json!(facts::EVERYONE)])
            .collect();
        for mut ask in generate::questions(&bytes[bytes.len() / 2..], &file) {
            if ask["ask"] != "reach" {
                continue;
            }
            ask.as_object_mut().expect("a mapping").shift_remove("subject");
            let asked = question::read(&ask.to_string()).expect("a valid question can be read");
            let snapshot = snapshot.known_at(asked.as_known_at).expect("a file is in memory");
            let answer = snapshot
                .ask(&asked.question, None)
                .map_err(|error| TestCaseError::fail(format!("{error}: {ask} in {file:#}")))?;
            let answer = printed::answer(&asked.question, &answer, &ground(&snapshot));
            let mut arrivals: Vec<String> = Vec::new();
            let mut proves = false;
            for person in &persons {
                ask["subject"] = person.clone();
                let mut own = questions::answer(&file, &ask);
                let acts = own["arrivals"].as_array().into_iter().flatten();
                arrivals.extend(acts.map(|act| act.as_str().expect("an act").to_owned()));
                own["witness"] = answer["witness"].clone();
                proves |= own["answer"] == true && witness::verify_reach(&file, &ask, &own).is_ok();
            }
            arrivals.sort();
            arrivals.dedup();
            prop_assert_eq!(&answer["answer"], !arrivals.is_empty(), "{} in {:#}", ask, file);
            prop_assert_eq!(&answer["arrivals"], &json!(arrivals), "{} in {:#}", ask, file);
            prop_assert!(proves != arrivals.is_empty(), "{answer:#} of {ask} in {file:#}");
            yes.set(yes.get() + usize::from(proves));
        }
        Ok(())
    });
    assert!(yes.get() > 100, "only {} are a yes", yes.get());
}

#[test]
fn answers_from_columns_are_those_of_the_whole_family() {
    let in_columns = std::cell::Cell::new(0);
    run(cases() / 5, |bytes| {
        let mut file = generate::fact_file(&bytes);
        // Where nothing ends who had what is seen from the columns, else from what is replayed.
        if bytes.first().is_none_or(|byte| byte % 2 == 0)
            && let Some(events) = file["events"].as_array_mut()
        {
            events.retain(|event| event["act"] != "delete" && event["act"] != "assign");
        }
        let Ok(whole) = snapshot(&file) else {
            return Ok(());
        };
        let columns = whole.in_columns_from(0);
        for ask in generate::questions(&bytes[bytes.len() / 2..], &file) {
            if ask["ask"] != "reach" {
                continue;
            }
            let asked = question::read(&ask.to_string())
                .expect("a valid question can be read")
                .question;
            let print = |snapshot: &Snapshot| {
                let answer = snapshot.ask(&asked, None);
                answer
                    .map(|answer| printed::answer(&asked, &answer, &ground(snapshot)))
                    .map_err(|error| error.to_string())
            };
            let found = print(&columns);
            if found.as_ref().is_ok_and(|answer| answer["answer"] == true) {
                in_columns.set(in_columns.get() + 1);
            }
            prop_assert_eq!(found, print(&whole), "{} in {:#}", ask, file);
        }
        Ok(())
    });
    assert!(
        in_columns.get() > 1_000,
        "only {} questions found anything",
        in_columns.get()
    );
}

#[test]
fn reach_is_that_of_holdings_and_ticks() {
    run(cases() / 5, |bytes| {
        let file = generate::flat_file(&bytes);
        let snapshot = snapshot(&file)?;
        for ask in generate::questions(&bytes[bytes.len() / 2..], &file) {
            let is_plain = ask["ask"] == "reach"
                && [
                    "through",
                    "avoiding",
                    "held_at",
                    "during",
                    "personal_only",
                    "as_known_at",
                ]
                .iter()
                .all(|key| ask.get(key).is_none());
            if !is_plain {
                continue;
            }
            let asked = question::read(&ask.to_string())
                .expect("a valid question can be read")
                .question;
            let answer = snapshot
                .ask(&asked, None)
                .expect("a valid question can be answered");
            let answer = printed::answer(&asked, &answer, &ground(&snapshot));
            // Where the record contradicts itself holdings alone cannot tell a contradicted copy from a good one.
            if answer["contradicted"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
                || has_ghosts(&questions::of_subject(
                    &file,
                    &questions::parameter(&ask, "subject"),
                ))
            {
                continue;
            }
            let text = |key: &str| facts::text(&ask, key);
            let (field, to, subject) = (text("field"), text("to"), text("subject"));
            let reached = hold::reached(
                &file,
                field.as_deref().expect("reach has a field"),
                text("from").as_deref(),
                to.as_deref().expect("reach has a target"),
                subject.as_deref().expect("reach has a subject"),
            );
            prop_assert_eq!(&answer["answer"], &json!(reached), "{} in {:#}", ask, file);
        }
        Ok(())
    });
}

/// Asks of the same data and places as the reach questions do.
fn asks_like_reach(bytes: &[u8], file: &Value, kind: &str) -> Vec<Value> {
    let mut asks = Vec::new();
    for ask in generate::questions(&bytes[bytes.len() / 2..], file) {
        if ask["ask"] == "reach" {
            let mut map = serde_json::Map::new();
            map.insert("ask".to_owned(), kind.into());
            for key in ["field", "from", "to", "subject"] {
                if let Some(value) = ask.get(key) {
                    map.insert(key.to_owned(), value.clone());
                }
            }
            asks.push(map.into());
        }
    }
    asks
}

#[test]
fn lawful_and_unlawful_paths_are_those_of_the_oracle() {
    let standing = std::cell::Cell::new(0);
    run(cases() / 5, |bytes| {
        // The oracle spells standing acts out at every instant, so there are fewer of these files.
        let stands = bytes.len() % 16 == 3;
        let file = if stands {
            generate::standing_file(&bytes)
        } else {
            generate::fact_file(&bytes)
        };
        let snapshot = snapshot(&file)?;
        let rows = |ask: &Value| -> Result<Vec<Value>, TestCaseError> {
            let asked = question::read(&ask.to_string())
                .expect("a valid question can be read")
                .question;
            match snapshot.ask(&asked, None) {
                Ok(answer) => Ok(printed::answer(&asked, &answer, &ground(&snapshot))["rows"]
                    .as_array()
                    .expect("rows")
                    .clone()),
                Err(error) => Err(TestCaseError::fail(format!("{error}: {ask} in {file:#}"))),
            }
        };
        for ask in asks_like_reach(&bytes, &file, "paths") {
            let found: Vec<Value> = rows(&ask)?.iter().map(|row| row["code"].clone()).collect();
            prop_assert_eq!(
                json!(found),
                json!(judged::paths(&file, &ask)),
                "{} in {:#}",
                ask,
                file
            );
        }
        for mut ask in asks_like_reach(&bytes, &file, "unlawful") {
            if bytes.len() % 2 == 0 {
                ask.as_object_mut().expect("a mapping").shift_remove("to");
            }
            let mut found: Vec<(String, String, Vec<String>)> = rows(&ask)?
                .iter()
                .map(|row| {
                    serde_json::from_value(json!([row["event"], row["fields"][0], row["parties"]]))
                        .expect("act, field and parties")
                })
                .collect();
            found.sort();
            standing.set(standing.get() + usize::from(stands && !found.is_empty()));
            prop_assert_eq!(found, judged::unlawful(&file, &ask), "{} in {:#}", ask, file);
        }
        Ok(())
    });
    assert!(
        standing.get() > cases() as usize / 1_000,
        "only {standing:?} where acts stand"
    );
}

/// The same file with fewer instants: every act moved to the nearest of a few.
fn coarse(file: &Value) -> Value {
    let mut file = file.clone();
    let facts = facts::read(&file);
    let mut instants: Vec<i64> = facts.events.iter().map(|event| event.at).collect();
    instants.sort_unstable();
    instants.dedup();
    let kept: Vec<i64> = instants.iter().copied().step_by(3).collect();
    let last = |at: i64| kept.iter().rev().find(|kept| **kept <= at).copied();
    for event in file["events"].as_array_mut().expect("events") {
        let stands = event["at"].is_object();
        let when = if stands { &event["at"] } else { &*event };
        let key = if stands { "from" } else { "at" };
        let from = facts::instant(when, key)
            .and_then(last)
            .expect("the first is kept");
        // Some ends are one of the instants, the others lie between them.
        let until =
            facts::instant(when, "until").map(|until| last(until).filter(|end| *end > from).unwrap_or(until));
        if stands {
            event["at"]["from"] = json!(import_instant(from));
            if let Some(until) = until {
                event["at"]["until"] = json!(import_instant(until));
            }
        } else {
            event["at"] = json!(import_instant(from));
        }
    }
    file
}

fn import_instant(micros: i64) -> String {
    wherefore::model::time::print_utc(wherefore::model::time::Instant::from_micros(micros))
}

#[test]
fn coarse_instants_are_those_of_the_flood() {
    let (asked, yes, circles) = (
        std::cell::Cell::new(0),
        std::cell::Cell::new(0),
        std::cell::Cell::new(0),
    );
    let standing = std::cell::Cell::new(0);
    run(cases() / 5, |bytes| {
        let file = if bytes.len() % 2 == 0 {
            generate::flat_standing_file(&bytes)
        } else {
            generate::flat_file(&bytes)
        };
        let file = coarse(&file);
        let stands = file["events"]
            .as_array()
            .is_some_and(|events| events.iter().any(|event| event["at"].is_object()));
        let snapshot = snapshot(&file)?;
        let answer = |ask: &Value| -> Result<Value, TestCaseError> {
            let asked = question::read(&ask.to_string())
                .expect("a valid question can be read")
                .question;
            match snapshot.ask(&asked, None) {
                Ok(answer) => Ok(printed::answer(&asked, &answer, &ground(&snapshot))),
                Err(error) => Err(TestCaseError::fail(format!("{error}: {ask} in {file:#}"))),
            }
        };
        for (number, ask) in asks_like_reach(&bytes, &file, "reach").into_iter().enumerate() {
            let is_strict = number % 2 == 1;
            let text = |key: &str| facts::text(&ask, key);
            let (field, to, subject, from) = (
                text("field").expect("a field"),
                text("to").expect("a target"),
                text("subject").expect("a subject"),
                text("from"),
            );
            let facts = facts::read(&questions::of_subject(&file, &subject));
            let flood = |mark: &Mark<'_>| ties::flood(&facts, &subject, is_strict, mark);
            let Some(wanted) = flood(&Mark::Field(&field, from.as_deref())) else {
                continue;
            };
            let put = |ask: &mut Value| ask["ties"] = json!(if is_strict { "strict" } else { "any" });
            let mut ask = ask.clone();
            put(&mut ask);
            let found = answer(&ask)?;
            let is_reached = wanted.reached.iter().any(|(processor, _)| *processor == to);
            prop_assert_eq!(&found["answer"], &json!(is_reached), "{} in {:#}", ask, file);
            asked.set(asked.get() + 1);
            yes.set(yes.get() + usize::from(is_reached));
            standing.set(standing.get() + usize::from(is_reached && stands));
            circles.set(circles.get() + usize::from(found["order"] == "not-proven"));
            let mut ask = json!({"ask": "holders", "field": field, "subject": subject});
            put(&mut ask);
            let holders: Vec<&String> = wanted
                .held
                .iter()
                .filter(|(_, of)| *of == field)
                .map(|(processor, _)| processor)
                .collect();
            prop_assert_eq!(&answer(&ask)?["answer"], &json!(holders), "{} in {:#}", ask, file);
            let Some(from) = from else { continue };
            let mut ask = json!({"ask": "downstream", "from": from, "field": field, "subject": subject});
            put(&mut ask);
            prop_assert_eq!(
                &answer(&ask)?["answer"],
                &json!(wanted.below),
                "{} in {:#}",
                ask,
                file
            );
            // Backward: a collection is a source of what is held exactly if a flood from it gets there.
            let mut ask = json!({"ask": "sources", "processor": to, "field": field, "subject": subject});
            put(&mut ask);
            let mut sources: Vec<(String, String, String)> = Vec::new();
            for (e, event) in facts.events.iter().enumerate() {
                if event.act != "collect" || !event.subjects.contains(&subject) {
                    continue;
                }
                for collected in &event.fields {
                    let forward = flood(&Mark::Collected(e, collected)).expect("it ran before");
                    if forward.last.contains(&(to.clone(), field.clone())) {
                        sources.push((event.actor.clone(), collected.clone(), event.id.clone()));
                    }
                }
            }
            sources.sort();
            sources.dedup();
            prop_assert_eq!(&answer(&ask)?["answer"], &json!(sources), "{} in {:#}", ask, file);
        }
        Ok(())
    });
    assert!(
        asked.get() > 2_000 && yes.get() > 500 && circles.get() > 200 && standing.get() > 200,
        "too few questions to tell: {asked:?} asked, {yes:?} yes, {circles:?} in one instant, {standing:?} with standing acts"
    );
}

#[test]
fn cuts_cut_and_what_is_called_proven_is() {
    let standing = std::cell::Cell::new(0);
    run(cases() / 10, |bytes| {
        let stands = bytes.len() % 16 == 3;
        let file = if stands {
            generate::standing_file(&bytes)
        } else {
            generate::fact_file(&bytes)
        };
        let snapshot = snapshot(&file)?;
        for ask in asks_like_reach(&bytes, &file, "cut") {
            let asked = question::read(&ask.to_string())
                .expect("a valid question can be read")
                .question;
            let answer = snapshot
                .ask(&asked, None)
                .map_err(|error| TestCaseError::fail(format!("{error}: {ask} in {file:#}")))?;
            let answer = printed::answer(&asked, &answer, &ground(&snapshot));
            let rows = answer["rows"].as_array().expect("rows").iter();
            let named: Vec<String> = rows
                .filter(|row| row["code"] == "act")
                .map(|row| row["event"].as_str().expect("an act").to_owned())
                .collect();
            let acts = named.len();
            let Some((fewest, cuts)) = judged::fewest_acts(&file, &ask, &named) else {
                continue;
            };
            prop_assert!(cuts, "{named:?} does not cut: {} in {:#}", ask, file);
            standing.set(standing.get() + usize::from(stands));
            let said = answer["reasons"][0]["text"].as_str().unwrap_or_default();
            prop_assert!(
                acts >= fewest.len(),
                "{} acts, {:?} would do: {} in {:#}",
                acts,
                fewest,
                ask,
                file
            );
            if said.contains("proven: no fewer") {
                prop_assert_eq!(acts, fewest.len(), "{:?} would do: {} in {:#}", fewest, ask, file);
            }
        }
        Ok(())
    });
    assert!(
        standing.get() > cases() as usize / 1_000,
        "only {standing:?} where acts stand"
    );
}

fn has_ghosts(file: &Value) -> bool {
    file["events"]
        .as_array()
        .is_some_and(|events| events.iter().any(|event| event["act"] == "delete"))
}

#[test]
fn two_runs_print_the_same_bytes() {
    run(2_000, |bytes| {
        let file = generate::fact_file(&bytes);
        let print = || -> Result<String, TestCaseError> {
            let snapshot = snapshot(&file)?;
            let found = snapshot.findings(None).expect("a valid file can be judged");
            Ok(printed::findings(&found.to_vec(), &ground(&snapshot)).to_string())
        };
        prop_assert_eq!(print()?, print()?);
        Ok(())
    });
}
