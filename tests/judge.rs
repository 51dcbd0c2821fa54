//! The judge and the questions against the oracle, on random fact files.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::question;
use wherefore::report::json::{self as printed, Ground};

use super::oracle::{facts, findings, generate, hold, questions, witness};

/// Random files in the check run: all tests together more than 100,000.
const CASES: u32 = 55_000;

/// Bytes that a file is drawn from: enough that every reason of every check occurs.
fn entropy() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..1_200)
}

fn run(cases: u32, test: impl Fn(Vec<u8>) -> Result<(), TestCaseError>) {
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    if let Err(error) = runner.run(&entropy(), test) {
        panic!("{error}");
    }
}

fn snapshot(file: &Value) -> Result<Snapshot, TestCaseError> {
    let text = file.to_string();
    let document = import::read_alone(&text, "random.json", Format::Json)
        .map_err(|problems| TestCaseError::fail(format!("refused: {problems:?}\n{file:#}")))?;
    Ok(Snapshot::of_document(document))
}

fn ground(snapshot: &Snapshot) -> Ground<'_> {
    Ground {
        sequence: None,
        head: None,
        as_of: snapshot.as_of(),
        zone: snapshot.zone(),
    }
}

/// A finding without what only one side prints.
fn shared_keys(finding: &Value) -> Value {
    let mut map = finding.as_object().expect("a finding is an object").clone();
    for key in ["why", "fingerprints", "place"] {
        map.shift_remove(key);
    }
    map.into()
}

#[test]
fn findings_are_those_of_the_oracle() {
    run(CASES, |bytes| {
        let file = generate::fact_file(&bytes);
        let snapshot = snapshot(&file)?;
        let found = snapshot.findings(None).expect("a valid file can be judged");
        let found = printed::findings(&found, &ground(&snapshot));
        let found: Vec<Value> = found["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(shared_keys)
            .collect();
        let wanted = findings::findings(&file);
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
            if let Err(why) = witness::verify(&file, finding) {
                return Err(TestCaseError::fail(format!("{why}: {finding:#} in {file:#}")));
            }
        }
        Ok(())
    });
}

#[test]
fn answers_are_those_of_the_oracle() {
    run(CASES, |bytes| {
        let file = generate::fact_file(&bytes);
        let snapshot = snapshot(&file)?;
        let half = bytes.len() / 2;
        for ask in generate::questions(&bytes[half..], &file) {
            let asked = question::read(&ask.to_string()).expect("a valid question can be read");
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
fn reach_is_that_of_holdings_and_ticks() {
    run(CASES / 5, |bytes| {
        let file = generate::fact_file(&bytes);
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
            let asked = question::read(&ask.to_string()).expect("a valid question can be read");
            let answer = snapshot
                .ask(&asked, None)
                .expect("a valid question can be answered");
            let answer = printed::answer(&asked, &answer, &ground(&snapshot));
            // Where the record contradicts itself holdings alone cannot tell a contradicted copy from a good one.
            if answer["contradicted"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
                || has_ghosts(&file)
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
            Ok(printed::findings(&found, &ground(&snapshot)).to_string())
        };
        prop_assert_eq!(print()?, print()?);
        Ok(())
    });
}
