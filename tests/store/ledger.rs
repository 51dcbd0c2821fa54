//! Commits and views.

use tempfile::TempDir;
use wherefore::model::fact::Stated;
use wherefore::model::id::{ProcessorId, SubjectId};
use wherefore::model::word::{ActKind, Section};
use wherefore::store::{AppendError, Body, Ledger, Mode, NewCommit, Slice, StoreError, verify};

use super::facts::{SMALL, act, acts, append, commit, field, mixed, plain_act, retention, stated_act};
use super::reading::{ask, walk};

/// Runs a check on a store in memory and on one on disk.
fn on_both(check: impl Fn(&Ledger)) {
    check(&Ledger::in_memory_with(&SMALL).unwrap());
    let folder = TempDir::new().unwrap();
    let ledger = Ledger::open_with(folder.path(), Mode::Create, &SMALL).unwrap();
    check(&ledger);
    drop(ledger);
    let report = verify(folder.path()).unwrap();
    assert!(report.is_clean(), "{:?}", report.troubles);
}

fn ids(records: &[wherefore::store::Record]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record.id.as_deref().unwrap_or("-"))
        .collect()
}

#[test]
fn a_family_is_everything_that_names_the_subject_in_time_order() {
    on_both(|ledger| {
        append(ledger, &mixed());
        append(
            ledger,
            &[act("late", 2_999, &["ann"]), act("tie", 3_000, &["ann"])],
        );
        let view = ledger.view().unwrap();
        let family = |id: &str| view.family(&SubjectId::from(id)).unwrap();
        assert_eq!(
            ids(&family("ann")),
            [
                "ann", "store", "c-1", "n-1", "share-2", "late", "share-1", "tie", "odd", "derive"
            ]
        );
        assert_eq!(
            ids(&family("bob")),
            ["bob", "collect", "n-1", "share-2", "derive"]
        );
        assert_eq!(ids(&family("eve")), ["n-1"]);
        assert_eq!(ids(&family("nobody")), Vec::<&str>::new());
        assert_eq!(
            ids(&view.catalogue().unwrap()),
            ["phone", "address", "-", "-", "for-all"]
        );
        let odd = view.record(Section::Events, "odd").unwrap().unwrap();
        assert_eq!(odd.item.as_deref(), Some(r#"{"id":"odd","ticket":17}"#));
        let phone = view.record(Section::Fields, "phone").unwrap().unwrap();
        assert!(matches!(phone.body, Body::Item(text) if text.contains("\"note\":\"kept\"")));
        assert_eq!(view.record(Section::Fields, "ann").unwrap(), None);
        assert_eq!(
            view.knows(Section::Events, &["odd", "phone", "tie", "x"])
                .unwrap(),
            [true, false, true, false]
        );
    });
}

#[test]
fn slices_have_the_family_of_each_subject_once() {
    on_both(|ledger| {
        append(ledger, &acts(0, 60, 23));
        let view = ledger.view().unwrap();
        append(ledger, &acts(60, 4, 64));
        let mut all: Vec<_> = (0..23)
            .map(|i| SubjectId::from(&*format!("person-{i}")))
            .map(|id| (view.family_of(&id), view.family(&id).unwrap()))
            .collect();
        all.sort_by_key(|(family, _)| *family);
        for of in [1, 2, 3, 7, 64, 1_000] {
            let slices = (0..of).map(|number| view.families_of_slice(Slice { number, of }).unwrap());
            assert_eq!(slices.flatten().collect::<Vec<_>>(), all, "{of} slices");
        }
        // Nobody is behind the last of very many.
        let of = u32::MAX;
        let last = view.families_of_slice(Slice { number: of - 1, of });
        assert!(last.unwrap().len() <= 1);
    });
}

#[test]
fn only_acts_with_two_parties_make_a_sender() {
    on_both(|ledger| {
        let mut own = plain_act("own", 1, &["ann"]);
        own.actor = "loop".into();
        own.recipient = Some("loop".into());
        let mut collected = plain_act("collected", 2, &[]);
        collected.kind = ActKind::Collect;
        collected.recipient = None;
        collected.source = Some("web".into());
        append(
            ledger,
            &[
                act("given", 3, &["ann", "bob"]),
                stated_act(own),
                stated_act(collected),
            ],
        );
        let parties = ["shop", "bank", "loop", "web", "nobody"].map(ProcessorId::from);
        let sends = ledger.view().unwrap().sends(&parties).unwrap();
        assert_eq!(sends, [true, false, false, false, false]);
    });
}

#[test]
fn facts_known_with_the_same_content_are_counted_and_not_written() {
    on_both(|ledger| {
        let first = append(ledger, &mixed());
        assert_eq!((first.sequence, first.written, first.already_known), (1, 15, 0));
        let mut again: Vec<Stated> = mixed();
        for fact in &mut again {
            fact.place.line += 100;
        }
        // Spaces and the order of keys say nothing.
        again[0].item = r#"{ "note": "kept", "categories": ["contact"], "id": "phone" }"#.into();
        let before = ask(&ledger.view().unwrap()).unwrap();
        let second = append(ledger, &again);
        assert_eq!(
            (second.sequence, second.written, second.already_known),
            (1, 0, 15)
        );
        assert_eq!(second.head, first.head);
        assert_eq!(ask(&ledger.view().unwrap()).unwrap(), before);
        again.push(act("new", 9, &["ann"]));
        again.push(act("new", 9, &["ann"]));
        let third = append(ledger, &again);
        assert_eq!((third.sequence, third.written, third.already_known), (2, 1, 16));
        assert_ne!(third.head, first.head);
    });
}

#[test]
fn every_contradiction_is_listed_and_nothing_is_written() {
    on_both(|ledger| {
        append(ledger, &mixed());
        let before = ask(&ledger.view().unwrap()).unwrap();
        let mut phone = field("phone");
        phone.item = r#"{"id":"phone","categories":["health"]}"#.into();
        let mut ticket = mixed().swap_remove(14);
        ticket.item = r#"{"id":"odd","ticket":18}"#.into();
        let facts = [
            act("fresh", 1, &["ann"]),
            ticket,
            act("share-1", 3_001, &["ann"]),
            act("twice", 4, &["ann"]),
            phone,
            act("twice", 5, &["ann"]),
            act("share-2", 2_500, &["ann", "bob"]),
        ];
        let Err(AppendError::Conflicts(conflicts)) = ledger.append(commit(&facts)) else {
            panic!("a contradiction was taken");
        };
        let listed: Vec<(Section, &str, u32)> = conflicts
            .iter()
            .map(|found| (found.section, found.id.as_str(), found.first.line))
            .collect();
        let expected = [
            (Section::Events, "odd", 7),
            (Section::Events, "share-1", 7),
            (Section::Fields, "phone", 3),
            (Section::Events, "twice", 7),
        ];
        assert_eq!(listed, expected);
        assert_eq!(ask(&ledger.view().unwrap()).unwrap(), before);
        // A refusal is no failure: the next commit is taken.
        assert_eq!(append(ledger, &[act("fresh", 1, &["ann"])]).sequence, 2);
    });
}

#[test]
fn another_header_is_refused_by_name() {
    on_both(|ledger| {
        let facts = acts(0, 3, 2);
        let with = |header| NewCommit {
            header,
            ..commit(&facts)
        };
        for no_header in ["", "{", "[]", "null"] {
            assert!(matches!(
                ledger.append(with(no_header)),
                Err(AppendError::HeaderSyntax)
            ));
        }
        ledger.append(with(r#"{"zone":"UTC","home":"CN"}"#)).unwrap();
        ledger.append(with(r#"{ "home": "CN", "zone": "UTC" }"#)).unwrap();
        let refused = ledger.append(with(r#"{"zone":"UTC","home":"DE"}"#)).unwrap_err();
        assert_eq!(refused.code(), "STORE_HEADER_MISMATCH");
        assert!(
            refused.to_string().contains(r#"{"zone":"UTC","home":"CN"}"#),
            "{refused}"
        );
        assert_eq!(
            ledger.view().unwrap().header(),
            Some(r#"{"zone":"UTC","home":"CN"}"#)
        );
    });
}

#[test]
fn an_idempotence_key_gives_the_first_receipt_again() {
    on_both(|ledger| {
        let facts = acts(0, 30, 2);
        let with = |facts, key| NewCommit {
            key: Some(key),
            ..commit(facts)
        };
        let first = ledger.append(with(&facts, "request-1")).unwrap();
        append(ledger, &acts(30, 5, 2));
        let mut moved = facts.clone();
        moved[0].place.line = 99;
        let again = ledger.append(with(&moved, "request-1")).unwrap();
        assert_eq!(again, first);
        assert_eq!(ledger.view().unwrap().sequence(), 2);
        let refused = ledger.append(with(&facts[1..], "request-1")).unwrap_err();
        assert!(matches!(refused, AppendError::KeyReused { sequence: 1, .. }));
        // All known, under a new key: the key is kept, in a commit without facts.
        let empty = ledger.append(with(&facts, "request-2")).unwrap();
        assert_eq!((empty.sequence, empty.written, empty.already_known), (3, 0, 30));
        assert_eq!(ledger.append(with(&facts, "request-2")).unwrap(), empty);
        let commits = ledger.view().unwrap().commits(1, 10).unwrap();
        let keys: Vec<Option<&str>> = commits.iter().map(|commit| commit.key.as_deref()).collect();
        assert_eq!(keys, [Some("request-1"), None, Some("request-2")]);
        assert_eq!(ledger.view().unwrap().commits(2, 1).unwrap(), commits[1..2]);
        assert_eq!(commits[2].head, *ledger.view().unwrap().head());
    });
}

#[test]
fn facts_without_an_identifier_are_kept_once() {
    on_both(|ledger| {
        append(
            ledger,
            &[retention("phone"), retention("address"), retention("phone")],
        );
        let again = append(ledger, &[retention("phone"), retention("email")]);
        assert_eq!((again.written, again.already_known), (1, 1));
        assert_eq!(ledger.view().unwrap().facts(), 3);
    });
}

#[test]
fn a_view_keeps_its_commit() {
    on_both(|ledger| {
        append(ledger, &acts(0, 10, 3));
        let view = ledger.view().unwrap();
        let before = ask(&view).unwrap();
        append(ledger, &acts(10, 50, 3));
        append(ledger, &mixed());
        assert_eq!(ask(&view).unwrap(), before);
        assert_eq!(
            view.knows(Section::Events, &["event-3", "event-10"]).unwrap(),
            [true, false]
        );
        assert_eq!(walk(&view, 3).unwrap().len(), 10);
        assert_eq!(ledger.view().unwrap().sequence(), 3);
    });
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_writing_goes_on() {
    on_both(|ledger| {
        append(ledger, &acts(0, 1, 1));
        let mut facts = acts(1, 30, 3);
        facts.push(act("x".repeat(17 << 20).as_str(), 1, &[]));
        for few in [&facts[25..], &facts[..]] {
            let refused = ledger.append(commit(few)).unwrap_err();
            assert!(matches!(refused, AppendError::TooLarge { .. }), "{refused}");
        }
        assert_eq!(ledger.view().unwrap().sequence(), 1);
        assert_eq!(append(ledger, &facts[..30]).sequence, 2);
    });
}

#[test]
fn a_store_opened_for_reading_is_not_written() {
    let folder = TempDir::new().unwrap();
    drop(Ledger::open(folder.path(), Mode::Create).unwrap());
    let reader = Ledger::open(folder.path(), Mode::Read).unwrap();
    let refused = reader.append(commit(&acts(0, 1, 1))).unwrap_err();
    assert!(matches!(refused, AppendError::Store(StoreError::ReadOnly)));
}
