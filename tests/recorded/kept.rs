//! After a commit the findings are those that judging everything gives, in whatever order facts arrive and time passes,
//! though most of them are kept from before.

use std::cell::Cell;
use std::sync::Arc;

use wherefore::db::{AsOf, Batch, Db, Snapshot};
use wherefore::model::finding::Finding;
use wherefore::model::time::Instant;

use super::random::arrivals;
use crate::documents::dice::Dice;
use crate::oracle::draw::Draw;
use crate::oracle::generate;
use crate::oracle::generate_recorded::{Written, with_records};

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

fn now() -> Instant {
    Instant::from_micros(NOW.get())
}

/// Lets up to so many days pass.
fn pass(draw: &mut Draw, days: usize) {
    let days = i64::try_from(draw.between(1, days)).expect("a few");
    NOW.set(now().plus_days(days).micros());
}

/// The findings of the same facts, judged as a whole.
fn judged_as_a_whole(snapshot: &Snapshot) -> Vec<Arc<Finding>> {
    let document = snapshot.document().expect("a store in memory");
    let whole = Snapshot::of_document(document);
    whole
        .findings(Some(snapshot.as_of()))
        .expect("facts in memory")
        .to_vec()
}

fn is_kept(finding: &Arc<Finding>, before: &[Arc<Finding>]) -> bool {
    before.iter().any(|other| Arc::ptr_eq(other, finding))
}

#[test]
fn what_is_kept_and_what_is_judged_anew_is_what_judging_everything_gives() {
    let cases = std::env::var("WHEREFORE_CASES").ok().and_then(|n| n.parse().ok());
    let mut dice = Dice(77);
    let (mut kept, mut changed, mut passed) = (0, 0, 0);
    for number in 0..cases.unwrap_or(6_000) {
        let bytes = dice.bytes(1_800);
        let plain = if number % 3 == 0 {
            generate::standing_file(&bytes[..1_400])
        } else {
            generate::fact_file(&bytes[..1_400])
        };
        let draw = &mut Draw::new(&bytes[1_400..]);
        let file = with_records(draw, &plain, Written::Everywhere);
        // Mostly what is about somebody comes later; sometimes anything.
        let any = draw.below(8) == 0;
        let waits = |section: &str| {
            any || matches!(
                section,
                "events" | "authorizations" | "choices" | "requests" | "closures" | "notices"
            )
        };
        let (_, commits) = arrivals(draw, &file, 8, waits);
        let as_of = file["as_of"].as_str().expect("a header");
        let as_of = Instant::parse(as_of).expect("an instant");
        NOW.set(as_of.plus_days(-8).micros());
        let db = Db::in_memory(AsOf::Now(now)).expect("a store in memory");
        let mut before: Vec<Arc<Finding>> = Vec::new();
        for (sequence, commit) in commits.iter().enumerate() {
            let Ok(batch) = Batch::read(&commit.to_string(), "random.json") else {
                break;
            };
            if draw.below(3) == 0 {
                pass(draw, 3);
            }
            if db.commit(batch, now()).is_err() {
                break;
            }
            // Nobody asks after some commits.
            if draw.below(4) == 0 {
                continue;
            }
            let snapshot = db.snapshot();
            let found = snapshot.findings(None).expect("a store in memory");
            assert_eq!(
                *found,
                judged_as_a_whole(&snapshot),
                "case {number} after commit {sequence} at {:?} of {commits:#?}",
                snapshot.as_of()
            );
            kept += found.iter().filter(|finding| is_kept(finding, &before)).count();
            changed += found.iter().filter(|finding| !is_kept(finding, &before)).count();
            before = found.to_vec();
            // Time alone passes.
            pass(draw, 2);
            let later = db.snapshot();
            let found = later.findings(None).expect("a store in memory");
            assert_eq!(
                *found,
                judged_as_a_whole(&later),
                "case {number} after commit {sequence} and then at {:?} of {commits:#?}",
                later.as_of()
            );
            passed += found.iter().filter(|finding| is_kept(finding, &before)).count();
            before = found.to_vec();
        }
    }
    assert!(
        kept > 1_000 && changed > 1_000 && passed > 1_000,
        "{kept} kept by commits, {changed} not, {passed} kept while time passed"
    );
}
