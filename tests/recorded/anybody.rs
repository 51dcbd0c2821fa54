//! A question of reach that names nobody is answered as all the questions about each person, and everyone, together.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::model::question::{Answer, Found, Reached};
use wherefore::model::time::Instant;
use wherefore::model::word::Verdict;
use wherefore::question;

use super::judged::{ids, in_a_file};
use super::kept::{drawn, now, pass};
use super::random;
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;

fn answer(snapshot: &Snapshot, ask: &Value, as_of: Instant) -> Result<Answer, String> {
    let asked = question::read(&ask.to_string()).expect("a question");
    snapshot
        .ask(&asked.question, Some(as_of))
        .map_err(|error| error.to_string())
}

fn reached(answer: &Answer) -> &Reached {
    let Found::Reach(reached) = &answer.found else {
        panic!("{answer:?}");
    };
    reached
}

/// How near the end of a chain is: its acts, and the instant of the last one.
fn nearness(answer: &Answer) -> Option<(usize, Instant)> {
    let witness = &reached(answer).witness;
    witness.last().map(|last| (witness.len(), last.at))
}

/// A name of these reasons by their code.
fn reason<'a>(answer: &'a Answer, code: &str) -> Option<&'a str> {
    let mut reasons = answer.reasons.iter().filter(|reason| reason.code == code);
    reasons.next().map(|reason| reason.text.as_str())
}

/// Some acts only may have carried, and some only had influence.
fn loosened(draw: &mut Draw, commits: &mut [Value]) {
    let events = commits
        .iter_mut()
        .filter_map(|commit| commit["events"].as_array_mut());
    for act in events
        .flatten()
        .filter(|act| act["act"] == "share" || act["act"] == "derive")
    {
        match draw.below(6) {
            0 | 1 => act["carries"] = "possible".into(),
            2 => act["carries"] = "influence".into(),
            _ => {}
        }
    }
}

/// What the questions about each person say together must be what is said of nobody in particular.
fn compare(together: &Answer, each: &[(String, Answer)], case: &str) {
    let having = |verdict| each.iter().filter(move |(_, answer)| answer.verdict == verdict);
    let verdict = [Verdict::Yes, Verdict::Possible]
        .into_iter()
        .find(|verdict| having(*verdict).count() > 0);
    let verdict = verdict.unwrap_or(Verdict::No);
    assert_eq!(together.verdict, verdict, "{case}: {each:#?}");
    let of_verdict: Vec<&(String, Answer)> = having(verdict).collect();
    let all = |list: fn(&Reached) -> Vec<String>| -> BTreeSet<String> {
        of_verdict
            .iter()
            .flat_map(|(_, answer)| list(reached(answer)))
            .collect()
    };
    let arrivals = all(|reached| reached.arrivals.iter().map(ToString::to_string).collect());
    let told = reached(together);
    let names: BTreeSet<String> = told.arrivals.iter().map(ToString::to_string).collect();
    assert_eq!(names, arrivals, "arrivals, {case}: {each:#?}");
    if verdict != Verdict::Possible && having(Verdict::Possible).count() == 0 {
        let contradicted = all(|reached| reached.contradicted.iter().map(ToString::to_string).collect());
        let others = each.iter().filter(|(_, answer)| answer.verdict != verdict);
        let of_others = others.flat_map(|(_, answer)| &reached(answer).contradicted);
        let contradicted: BTreeSet<String> = contradicted
            .into_iter()
            .chain(of_others.map(ToString::to_string))
            .collect();
        let contradicted: Vec<String> = contradicted.difference(&arrivals).cloned().collect();
        let names: Vec<String> = told.contradicted.iter().map(ToString::to_string).collect();
        assert_eq!(names, contradicted, "contradicted, {case}: {each:#?}");
        let boundary: BTreeSet<String> = each
            .iter()
            .flat_map(|(_, answer)| reached(answer).boundary.iter().map(ToString::to_string))
            .collect();
        let names: BTreeSet<String> = told.boundary.iter().map(ToString::to_string).collect();
        assert_eq!(names, boundary, "boundary, {case}: {each:#?}");
    }
    if verdict == Verdict::No {
        return;
    }
    let nearest = of_verdict.iter().filter_map(|(_, answer)| nearness(answer)).min();
    assert_eq!(nearness(together), nearest, "{case}: {each:#?}");
    // Who is named has the chain.
    let text = reason(together, "reached").expect("who it was of");
    let is_named = |person: &str| text.contains(&format!(" of {person}, "));
    let who = of_verdict.iter().find(|(person, _)| is_named(person));
    let (_, theirs) = who.unwrap_or_else(|| panic!("{text}, {case}"));
    assert_eq!(reached(theirs).witness, told.witness, "{case}: {each:#?}");
    let others = reason(together, "of-others").map_or(0, |text| {
        let number = text.split(' ').find_map(|word| word.parse().ok());
        number.expect("how many")
    });
    assert_eq!(others, of_verdict.len() - 1, "others, {case}: {each:#?}");
}

/// A store that was told the commits, up to one that it refuses. Everyone's flows are laid down after one of them.
fn filled(draw: &mut Draw, commits: &[Value]) -> Db {
    let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
    let laid_after = draw.below(commits.len());
    for (number, commit) in commits.iter().enumerate() {
        let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
            break;
        };
        if db.commit(batch, now()).is_err() {
            break;
        }
        pass(draw, 3);
        if number == laid_after
            && let Some(field) = ids(commits, "fields").first()
        {
            let ask = json!({"ask": "holders", "field": field, "subject": "everyone"});
            // There may be nothing about everyone yet.
            let _ = answer(&db.snapshot().in_columns_from(1), &ask, now());
        }
    }
    db
}

/// Acts of everyone's and of three persons, whose chains to `d` differ.
fn three_chains() -> Value {
    let event = |id: &str, who: &str, day: usize, act: Value| {
        let mut event = json!({
            "id": id, "at": format!("2024-05-{day:02}T00:00:00Z"), "subjects": [who], "fields": ["f"], "purpose": "service"
        });
        let map = event.as_object_mut().expect("a map");
        map.extend(act.as_object().expect("a map").clone());
        event
    };
    let give = |from: &str, to: &str| json!({"act": "share", "from": from, "to": to});
    let begin = || json!({"act": "collect", "to": "a"});
    let lasting = json!({
        "act": "share", "from": "a", "to": "d", "at": {"from": "2024-05-01T00:00:00Z", "until": "2024-05-30T00:00:00Z"}
    });
    let processor = |id: &str| json!({"id": id, "kind": "controller", "country": "CN"});
    json!({
        "scenario": "chains", "as_of": "2024-06-01T00:00:00Z", "home": "CN",
        "categories": [{"id": "data"}],
        "fields": [{"id": "f", "category": "data"}],
        "purposes": [{"id": "service"}],
        "processors": [processor("a"), processor("b"), processor("d")],
        "subjects": [{"id": "ana"}, {"id": "ben"}, {"id": "cem"}],
        "events": [
            event("for-all", "everyone", 20, give("a", "b")),
            // Two acts, the first to come.
            event("ana-1", "ana", 1, begin()),
            event("ana-2", "ana", 2, give("a", "b")),
            event("ana-3", "ana", 3, give("b", "d")),
            // One act, which is on record first and brings last.
            event("ben-1", "ben", 1, lasting),
            event("ben-2", "ben", 15, begin()),
            event("cem-1", "cem", 5, begin()),
            event("cem-2", "cem", 9, give("a", "d")),
        ],
    })
}

#[test]
fn of_several_persons_the_one_with_the_fewest_acts_is_shown_and_of_these_the_first_to_come() {
    let facts = three_chains();
    for at_once in [0, usize::MAX] {
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        let batch = Batch::read(&facts.to_string(), "chains.json").expect("facts");
        db.commit(batch, now()).expect("a commit");
        let state = db.snapshot().following_together(at_once);
        let ask = json!({"ask": "reach", "field": "f", "to": "d"});
        let answer = answer(
            &state,
            &ask,
            Instant::parse("2024-06-01T00:00:00Z").expect("an instant"),
        )
        .expect("an answer");
        let told: Vec<&str> = answer.reasons.iter().map(|reason| reason.code).collect();
        let witness = &reached(&answer).witness;
        let acts: Vec<&str> = witness.iter().map(|step| step.act.as_str()).collect();
        assert_eq!(
            (acts, told),
            (
                vec!["cem-1", "cem-2"],
                vec!["reached", "of-others", "no-flows-reported"]
            ),
            "{at_once}: {answer:#?}"
        );
    }
}

#[test]
fn what_is_asked_of_nobody_in_particular_is_what_is_asked_of_each_together() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(2_411);
    let (mut asked, mut yes, mut possible, mut with_everyone, mut many, mut one_by_one) = (0, 0, 0, 0, 0, 0);
    for number in 0..cases.unwrap_or(1_500) {
        let bytes = dice.bytes(1_800);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let (file, mut commits) = drawn(number, &bytes[..1_400], draw);
        if number % 4 == 3 {
            loosened(draw, &mut commits);
        }
        let db = filled(draw, &commits);
        // All persons at once, or one after the other.
        let at_once = draw.pick(&[0, usize::MAX]);
        let state = db.snapshot().following_together(at_once);
        // Persons one after the other are asked about in columns, or as a whole.
        let state = state.in_columns_from(draw.pick(&[1, 1, usize::MAX]));
        let state = state.laying_anew_at_most(draw.pick(&[0, 1, 3, usize::MAX]));
        if state.sequence() == 0 {
            continue;
        }
        let as_of = state.as_of();
        let file_of_it = in_a_file(&state).following_together(usize::MAX - at_once);
        let mut persons = ids(&commits, "subjects");
        persons.push("everyone".to_owned());
        // Some are declared twice.
        persons.sort();
        persons.dedup();
        let mut asks = random::asks(&bytes[..1_400], &file);
        asks.retain(|ask| ask["ask"] == "reach");
        for _ in 0..4 {
            let mut any = |section: &str| {
                let ids = ids(&commits, section);
                ids.get(dice.below(ids.len())).cloned()
            };
            if let (Some(field), Some(to)) = (any("fields"), any("processors")) {
                asks.push(json!({"ask": "reach", "field": field, "to": to}));
            }
        }
        for (place, mut ask) in asks.into_iter().enumerate() {
            if place % 3 == 2 {
                ask["influence"] = true.into();
            }
            let case = format!("case {number}: {ask} at {as_of:?} of {commits:#?}");
            ask["subject"] = Value::Null;
            ask["ties"] = Value::Null;
            let ask = {
                let map = ask.as_object_mut().expect("a map");
                map.retain(|_, value| !value.is_null());
                ask
            };
            let told = answer(&state, &ask, as_of);
            assert_eq!(
                told.as_ref().map(|told| format!(
                    "{:?}",
                    (
                        told.verdict,
                        &told.found,
                        told.reasons.iter().map(|r| &r.text).collect::<Vec<_>>()
                    )
                )),
                answer(&file_of_it, &ask, as_of).as_ref().map(|told| format!(
                    "{:?}",
                    (
                        told.verdict,
                        &told.found,
                        told.reasons.iter().map(|r| &r.text).collect::<Vec<_>>()
                    )
                )),
                "{case}"
            );
            let Ok(together) = told else { continue };
            let each: Vec<(String, Answer)> = persons
                .iter()
                .filter_map(|person| {
                    let mut about = ask.clone();
                    about["subject"] = person.as_str().into();
                    // There is nothing about everyone before somebody speaks of everyone.
                    Some((person.clone(), answer(&state, &about, as_of).ok()?))
                })
                .collect();
            compare(&together, &each, &case);
            asked += 1;
            yes += usize::from(together.verdict == Verdict::Yes);
            possible += usize::from(together.verdict == Verdict::Possible);
            let having = each.iter().filter(|(_, answer)| answer.verdict == Verdict::Yes);
            let is_everyones = having.clone().any(|(person, _)| person == "everyone");
            with_everyone += usize::from(is_everyones);
            many += usize::from(is_everyones && having.count() > 3);
            one_by_one += usize::from(is_everyones && at_once == 0);
        }
    }
    let counts = format!(
        "{asked} asked, {yes} yes, {possible} possible, {with_everyone} of everyone's, {many} of them with several persons, {one_by_one} one by one"
    );
    println!("{counts}");
    assert!(
        asked > 5_000 && yes > 1_000 && possible > 20 && with_everyone > 100 && many > 30 && one_by_one > 40,
        "{counts}"
    );
}
