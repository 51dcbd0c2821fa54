//! Judged questions asked of a store, again and again of one state and of others in between, are answered as by a file that
//! holds the same facts and is asked once.

use std::sync::Arc;

use serde_json::{Value, json};
use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::graph::{History, Things};
use wherefore::model::fact::{Act, Fact};
use wherefore::model::id::{Country, SubjectId};
use wherefore::model::recorded::RecordTime;
use wherefore::model::time::{Instant, print_utc};
use wherefore::model::word::Carries;
use wherefore::question;
use wherefore::report::json::{self as printed, Ground};

use super::kept::{drawn, now, pass};
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;

const KINDS: [&str; 14] = [
    "activities",
    "assessments",
    "cut",
    "decisions",
    "erasure",
    "exposure",
    "held",
    "minors",
    "paths",
    "reidentification",
    "transfers",
    "unexplained",
    "unlawful",
    "withdrawal",
];

/// The ids of a section of these commits.
pub fn ids(commits: &[Value], section: &str) -> Vec<String> {
    let items = commits.iter().filter_map(|commit| commit[section].as_array());
    let ids = items.flatten().filter_map(|item| item["id"].as_str());
    ids.map(str::to_owned).collect()
}

/// A question of this kind: about everybody wherever the kind can be, about everyone, or about somebody.
fn ask(dice: &mut Dice, commits: &[Value], kind: &str) -> Value {
    let mut any = |section: &str| {
        let ids = ids(commits, section);
        let id = ids.get(dice.below(ids.len()));
        id.cloned().unwrap_or_else(|| "nobody".to_owned())
    };
    let (field, processor, person) = (any("fields"), any("processors"), any("subjects"));
    let (other, authorization, category) = (any("processors"), any("authorizations"), any("categories"));
    let must_name = ["cut", "erasure", "held", "paths", "unlawful"].contains(&kind);
    let subject = match dice.below(8) {
        0 | 1 => json!("everyone"),
        2 => json!(person),
        _ if must_name => json!(person),
        _ => Value::Null,
    };
    let mut ask = json!({"ask": kind, "subject": subject});
    let mut more = |key: &str, value: String, is_needed: bool| {
        if is_needed || dice.below(4) == 0 {
            ask[key] = value.into();
        }
    };
    match kind {
        "cut" | "paths" => {
            more("field", field, true);
            more("to", processor, true);
            more("from", other, false);
        }
        "unlawful" => {
            more("field", field, true);
            more("from", processor, false);
            more("to", other, false);
        }
        "erasure" => {
            more("processor", processor, true);
            more("field", field, false);
        }
        "exposure" => more("processor", processor, true),
        "activities" => {
            more("field", field, false);
            more("processor", processor, false);
        }
        "assessments" | "minors" | "transfers" => more("processor", processor, false),
        "decisions" => {
            more("field", field, true);
            more("category", category, false);
        }
        "withdrawal" => more("authorization", authorization, false),
        _ => {}
    }
    ask
}

fn answer(snapshot: &Snapshot, ask: &Value, as_of: Instant) -> Value {
    let asked = question::read(&ask.to_string()).expect("a question");
    let ground = Ground {
        as_of,
        ..crate::ground::ground(snapshot)
    };
    match snapshot.ask(&asked.question, Some(as_of)) {
        Ok(answer) => printed::answer(&asked.question, &answer, &ground),
        Err(error) => error.to_string().into(),
    }
}

/// The facts of a state in a file.
pub fn in_a_file(state: &Snapshot) -> Snapshot {
    let mut facts = state.facts().expect("a store in memory");
    for stated in &mut facts {
        // What the state knows is there, whenever it was recorded.
        stated.recording.recorded = None;
    }
    let document = state.document_of(facts).expect("facts with a header");
    Snapshot::of_document(document).placing_at_most(PLACEMENTS)
}

const PLACEMENTS: usize = 20;

/// Of an act or two, only the bounds of the instant are known, and perhaps not even whether they carried.
fn blurred(draw: &mut Draw, commits: &mut [Value]) {
    let events = commits
        .iter_mut()
        .filter_map(|commit| commit["events"].as_array_mut());
    let mut all: Vec<&mut Value> = events.flatten().filter(|act| act["at"].is_string()).collect();
    for _ in 0..draw.between(1, 2).min(all.len()) {
        let act = all.swap_remove(draw.below(all.len()));
        let at = act["at"].as_str().map(Instant::parse);
        if let Some(Ok(at)) = at {
            act["at"] = json!({"earliest": print_utc(at), "latest": print_utc(at.plus_days(1))});
            if act["act"] == "share" && draw.below(2) == 0 {
                act["carries"] = "possible".into();
            }
        }
    }
}

#[test]
fn judged_questions_of_a_store_are_answered_as_by_a_file_that_is_asked_once() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(1_914);
    let (mut asked, mut yes, mut placed, mut refused) = (0, 0, 0, 0);
    for number in 0..cases.unwrap_or(600) {
        let bytes = dice.bytes(1_800);
        let draw = &mut Draw::new(&bytes[1_400..]);
        let (_, mut commits) = drawn(number, &bytes[..1_400], draw);
        let is_blurred = draw.below(8) == 0;
        if is_blurred {
            blurred(draw, &mut commits);
        }
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        for (sequence, commit) in commits.iter().enumerate() {
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if db.commit(batch, now()).is_err() {
                break;
            }
            pass(draw, 3);
            let newest = db.snapshot().placing_at_most(PLACEMENTS);
            let known = usize::try_from(newest.sequence()).expect("a few");
            let earlier = u64::try_from(draw.between(1, known)).expect("a few");
            let earlier = newest.known_at(Some(RecordTime::Number(earlier)));
            let earlier = earlier.expect("a commit that there is");
            let day = now().plus_days(-i64::try_from(draw.between(1, 3)).expect("days"));
            let another_day = newest.at(day).expect("a store in memory");
            // States of which each is asked while what another one was asked of may be kept.
            let states = [newest, another_day, earlier].map(|state| (in_a_file(&state), state));
            for _ in 0..6 {
                let (file, state) = &states[[0, 0, 1, 2][dice.below(4)]];
                let as_of = state.as_of();
                let kind = KINDS[dice.below(KINDS.len())];
                let ask = ask(&mut dice, &commits, kind);
                let told = answer(state, &ask, as_of);
                let case =
                    format!("case {number}: {ask} at {as_of:?} after commit {sequence} of {commits:#?}");
                assert_eq!(told, answer(file, &ask, as_of), "{case}");
                asked += 1;
                yes += usize::from(told["verdict"] == "yes");
                refused += usize::from(told.is_string());
                placed += usize::from(is_blurred);
                assert!(!told.to_string().contains("please report"), "{case}: {told}");
            }
        }
    }
    let counts = format!("{asked} asked, {yes} yes, {placed} with uncertain times, {refused} refused");
    println!("{counts}");
    assert!(
        asked > 10_000 && yes > 2_000 && placed > 1_000 && refused < asked / 3,
        "{counts}"
    );
}

/// The checker of witnesses looks at acts that were numbered and are facts again: they say what was told.
#[test]
fn acts_that_were_numbered_are_facts_again_as_they_were_told() {
    let mut dice = Dice(2_014);
    let (mut seen, mut rich) = (0, 0);
    for number in 0..300 {
        let bytes = dice.bytes(1_800);
        let (_, commits) = drawn(number, &bytes[..1_400], &mut Draw::new(&bytes[1_400..]));
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        for commit in &commits {
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if db.commit(batch, now()).is_err() {
                break;
            }
        }
        let state = db.snapshot();
        let Ok(facts) = state.facts() else { continue };
        let home = Country::from("CN");
        let things = Things::new(home, facts.iter().map(|stated| &stated.fact));
        let history = History::new(Arc::new(things), facts.iter());
        for stated in &facts {
            let Fact::Act(told) = &stated.fact else { continue };
            if told.carries != Carries::Surely {
                continue;
            }
            let numbered = history.acts().iter().find(|act| act.id == told.id);
            let numbered = numbered.expect("every act that carries has a number");
            let subject = SubjectId::everyone();
            let expected = Act {
                subjects: vec![subject.clone()],
                ..told.clone()
            };
            assert_eq!(history.fact_of(numbered, &subject), expected);
            seen += 1;
            rich +=
                usize::from(!told.safeguards.is_empty() || told.method.is_some() || told.location.is_some());
        }
    }
    assert!(
        seen > 700 && rich > 300,
        "{seen} acts, {rich} with more than the least"
    );
}
