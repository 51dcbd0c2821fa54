//! Acts that only may have carried, and influence: random files against the oracle.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::model::word::Verdict;
use wherefore::question;
use wherefore::report::json as printed;

use crate::documents::dice::Dice;
use crate::oracle::carries::plain;
use crate::oracle::{findings, generate, questions};

const FILES: usize = 600;
/// What may be uncertain: acts that bring copies and end none.
const FLOWS: &[&str] = &["collect", "derive", "share", "verify", "delegate", "disclose"];

/// A random file, some of whose flows are possible or influence.
fn uncertain(dice: &mut Dice, plain: &Value) -> Value {
    let mut file = plain.clone();
    if let Some(events) = file.get_mut("events").and_then(Value::as_array_mut) {
        for event in events {
            // That data was identified again is no flow; see the readings of the oracle.
            let is_flow = event["act"].as_str().is_some_and(|act| FLOWS.contains(&act))
                && event["method"] != "reidentify";
            match dice.below(6) {
                0 | 1 if is_flow => event["carries"] = "possible".into(),
                2 if is_flow => event["carries"] = "influence".into(),
                _ => {}
            }
        }
    }
    file
}

fn snapshot(file: &Value) -> Snapshot {
    let document = import::read_alone(&file.to_string(), "random", Format::Json)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{file:#}"));
    Snapshot::of_document(document)
}

/// The entries of an answer that is a list.
fn entries(answer: &Value) -> Vec<String> {
    let list = answer["answer"].as_array().cloned().unwrap_or_default();
    list.iter().map(Value::to_string).collect()
}

#[test]
fn no_rule_judges_what_is_not_sure() {
    let mut dice = Dice(77);
    let mut fewer = 0;
    for _ in 0..FILES {
        let bytes = dice.bytes(1_200);
        let drawn = generate::fact_file(&bytes);
        let file = uncertain(&mut dice, &drawn);
        let wanted = findings::findings(&plain(&file, &[]));
        let found = snapshot(&file).findings(None).expect("judged");
        assert_eq!(found.len(), wanted.len(), "{file:#}");
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(
                found.reason.clone(),
                wanted["reason"].as_str().expect("a reason"),
                "{file:#}"
            );
        }
        fewer += usize::from(wanted.len() < findings::findings(&drawn).len());
    }
    assert!(fewer > FILES / 4, "{fewer}");
}

#[test]
fn an_answer_that_needs_a_possible_act_is_possible_and_says_so() {
    let mut dice = Dice(78);
    let (mut yes, mut possible, mut no, mut more, mut swayed) = (0, 0, 0, 0, 0);
    for _ in 0..FILES {
        let bytes = dice.bytes(1_400);
        let drawn = generate::fact_file(&bytes[..1_200]);
        let file = uncertain(&mut dice, &drawn);
        let snapshot = snapshot(&file);
        let (sure, wide) = (plain(&file, &[]), plain(&file, &["possible"]));
        for mut ask in generate::questions(&bytes[1_200..], &file) {
            ask.as_object_mut().expect("a map").shift_remove("as_known_at");
            let asked = question::read(&ask.to_string()).expect("a question").question;
            let Ok(answer) = snapshot.ask(&asked, None) else {
                continue;
            };
            let says = answer.reasons.iter().any(|reason| reason.code == "possible");
            let of_sure = questions::answer(&sure, &ask);
            let of_wide = questions::answer(&wide, &ask);
            if ask["ask"] == "reach" {
                let wanted = match (of_sure["answer"] == true, of_wide["answer"] == true) {
                    (true, _) => Verdict::Yes,
                    (false, true) => Verdict::Possible,
                    (false, false) => Verdict::No,
                };
                assert_eq!(answer.verdict, wanted, "{ask} in {file:#}");
                assert_eq!(says, wanted == Verdict::Possible, "{ask} in {file:#}");
                match wanted {
                    Verdict::Yes => yes += 1,
                    Verdict::Possible => possible += 1,
                    Verdict::No | Verdict::Unknown => no += 1,
                }
                // Influence is followed only when it is asked for.
                ask["influence"] = json!(true);
                let swayed_ask = question::read(&ask.to_string()).expect("a question").question;
                let of_swayed = questions::answer(&plain(&file, &["influence"]), &ask);
                let answer = snapshot.ask(&swayed_ask, None).expect("answered");
                assert_eq!(
                    answer.verdict == Verdict::Yes,
                    of_swayed["answer"] == true,
                    "{ask} in {file:#}"
                );
                swayed += usize::from(of_swayed["answer"] != of_sure["answer"]);
                continue;
            }
            let ground = crate::ground::ground(&snapshot);
            let told = printed::answer(&asked, &answer, &ground);
            assert_eq!(entries(&told), entries(&of_sure), "{ask} in {file:#}");
            let known = entries(&of_sure);
            let beyond = entries(&of_wide).into_iter().any(|entry| !known.contains(&entry));
            // A holder that moves with more fields is the same entry here and another crossing there.
            assert!(
                says == beyond || (says && ask["ask"] == "crossings"),
                "{ask} in {file:#}"
            );
            more += usize::from(beyond);
        }
    }
    println!("{yes} yes, {possible} possible, {no} no, {more} lists with more, {swayed} by influence");
    assert!(yes > 40 && possible > 40 && no > 40 && more > 40 && swayed > 5);
}

/// What a finding of the oracle or of the program says, each field and person apart.
fn parts(finding: &Value) -> Vec<String> {
    let apart = |key: &str| {
        let list = finding[key].as_array().cloned().unwrap_or_default();
        if list.is_empty() { vec![Value::Null] } else { list }
    };
    let (subjects, fields) = (apart("subjects"), apart("fields"));
    let what = ["rule", "reason", "event", "fact", "processor"].map(|key| finding[key].clone());
    subjects
        .iter()
        .flat_map(|subject| {
            let part = |field| json!([what, subject, field]).to_string();
            fields.iter().map(part).collect::<Vec<String>>()
        })
        .collect()
}

#[test]
fn what_is_listed_as_possible_is_what_the_possible_acts_would_add() {
    let mut dice = Dice(79);
    let (mut listed, mut by_chain) = (0, 0);
    for _ in 0..FILES {
        let bytes = dice.bytes(1_200);
        let file = uncertain(&mut dice, &generate::fact_file(&bytes));
        let known: BTreeSet<String> = findings::findings(&plain(&file, &[]))
            .iter()
            .flat_map(parts)
            .collect();
        let wide = findings::findings(&plain(&file, &["possible"]));
        let wide: BTreeSet<String> = wide.iter().flat_map(parts).collect();
        let snapshot = snapshot(&file);
        let all = wherefore::release::possible::all(&snapshot, None).expect("judged");
        let ground = crate::ground::ground(&snapshot);
        let printed = printed::findings(&all.to_vec(), &ground);
        let (unsure, sure): (Vec<&Value>, Vec<&Value>) = printed["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .partition(|finding| finding.get("supposes").is_some());
        assert_eq!(
            sure.into_iter().flat_map(parts).collect::<BTreeSet<_>>(),
            known,
            "{file:#}"
        );
        let told: BTreeSet<String> = unsure.iter().flat_map(|finding| parts(finding)).collect();
        let missing: Vec<_> = wide
            .iter()
            .filter(|part| !known.contains(*part) && !told.contains(*part))
            .collect();
        assert!(missing.is_empty(), "{missing:?} in {file:#}");
        assert!(told.is_subset(&wide), "{told:?} in {file:#}");
        let possible: BTreeSet<&str> = (file["events"].as_array().into_iter().flatten())
            .filter(|event| event["carries"] == "possible")
            .filter_map(|event| event["id"].as_str())
            .collect();
        for finding in unsure {
            assert!(
                parts(finding).iter().any(|part| !known.contains(part)),
                "{finding} in {file:#}"
            );
            assert_eq!(finding["certainty"], "possible");
            let names = finding["supposes"].as_array().expect("acts").iter();
            let supposes: BTreeSet<&str> = names.filter_map(Value::as_str).collect();
            let witness = finding["witness"].as_array().into_iter().flatten();
            let of_chain: BTreeSet<&str> = witness
                .chain(finding.get("event"))
                .filter_map(Value::as_str)
                .filter(|act| possible.contains(act))
                .collect();
            let wanted = if of_chain.is_empty() { &possible } else { &of_chain };
            assert_eq!(&supposes, wanted, "{finding} in {file:#}");
            listed += 1;
            by_chain += usize::from(!of_chain.is_empty());
        }
    }
    println!("{listed} listed, {by_chain} by their chain");
    assert!(by_chain > 400 && listed > by_chain, "{listed} {by_chain}");
}
