//! Commits at the front door: keys used again, and what a snapshot shows afterwards.

use wherefore::db::{AsOf, Batch, Db, Receipt};
use wherefore::import::Format;
use wherefore::model::time::Instant;

const FIRST: Instant = Instant::from_micros(1_000_000);
const LATER: Instant = Instant::from_micros(2_000_000);

fn db() -> Db {
    Db::in_memory(AsOf::Fixed(LATER)).unwrap()
}

/// Commits one subject under a key.
fn commit(db: &Db, subject: &str, key: &str, recorded: Instant) -> Receipt {
    let text = format!("scenario: s\nas_of: 2024-01-01T00:00:00Z\nsubjects: [{{id: {subject}}}]\n");
    let mut batch = Batch::read(&text, "commit").unwrap();
    batch.key = Some(key.to_owned());
    db.commit(batch, recorded).unwrap()
}

#[test]
fn a_key_used_again_answers_as_the_first_time_whatever_came_between() {
    let db = db();
    let first = commit(&db, "ann", "k1", FIRST);
    commit(&db, "bob", "k2", LATER);
    let mut listener = db.subscribe();
    let again = commit(&db, "ann", "k1", LATER);
    assert_eq!((first.repeated, again.repeated), (false, true));
    assert_eq!(
        (again.sequence, &again.head, again.recorded),
        (first.sequence, &first.head, FIRST)
    );
    assert!(
        listener.try_recv().is_err(),
        "nothing happened, nothing is announced"
    );
    assert_eq!(db.snapshot().sequence(), 2);
}

#[test]
fn a_commit_of_known_facts_under_a_new_key_shows_in_the_snapshot() {
    let db = db();
    commit(&db, "ann", "k1", FIRST);
    let known = commit(&db, "ann", "k2", LATER);
    assert_eq!((known.facts, known.already_known), (0, 1));
    let snapshot = db.snapshot();
    assert_eq!(
        (snapshot.sequence(), snapshot.head()),
        (known.sequence, known.head)
    );
}

#[test]
fn one_line_of_json_stays_json_whatever_blank_lines_follow() {
    let text = r#"{"scenario": "s", "as_of": "2024-01-01T00:00:00Z", "subjects": [{"id": "ann"}]}"#;
    for end in ["", "\n", "\n\n\n", "\r\n\r\n", "  \n"] {
        assert_eq!(Format::guess(&format!("{text}{end}")), Format::Json, "{end:?}");
    }
    assert_eq!(
        Format::guess(&format!("{text}\n{{\"subjects\": {{\"id\": \"bob\"}}}}\n")),
        Format::Ndjson
    );
}
