//! Facts to store.

use std::sync::Arc;

use wherefore::model::fact::{
    Act, Authorization, Cohort, Fact, Field, Notice, RetentionPeriod, Retraction, Stated, Subject,
};
use wherefore::model::id::{FactId, FieldId, ProcessorId, SubjectId};
use wherefore::model::place::Place;
use wherefore::model::recorded::{RecordTime, Recording};
use wherefore::model::time::{Instant, When};
use wherefore::model::word::{ActKind, Basis, Giver, Grade, Method, NoticeKind, Section, State};
use wherefore::store::{Ledger, NewCommit, Receipt, Tuning};

/// A header.
pub const HEADER: &str =
    r#"{"zone":"Asia/Shanghai","home":"CN","minor_age":14,"weekend":["saturday","sunday"]}"#;

/// Small numbers of everything, so that small tests reach every path.
pub const SMALL: Tuning = Tuning {
    bulk_from: 20,
    facts_per_part: 8,
    memtable_bytes: 1 << 20,
    threads: 2,
};

/// A place.
pub fn place(line: u32) -> Place {
    Place {
        file: Arc::from("facts.yaml"),
        line,
        column: 3,
    }
}

/// An act as plain as can be.
pub fn plain_act(id: &str, at: i64, subjects: &[&str]) -> Act {
    Act {
        id: id.into(),
        at: When::Instant(Instant::from_micros(at)),
        kind: ActKind::Share,
        actor: "shop".into(),
        recipient: Some("bank".into()),
        source: None,
        subjects: subjects.iter().map(|id| SubjectId::from(*id)).collect(),
        fields: vec!["phone".into(), "address".into()],
        purpose: Some("delivery".into()),
        makes: vec![],
        method: None,
        location: None,
        value: None,
        lifts: false,
        safeguards: vec!["encrypted-in-transit".into()],
        carries: wherefore::model::word::Carries::Surely,
    }
}

/// An act, stated.
pub fn act(id: &str, at: i64, subjects: &[&str]) -> Stated {
    stated_act(plain_act(id, at, subjects))
}

/// This act, stated.
pub fn stated_act(act: Act) -> Stated {
    Stated {
        fact: Fact::Act(act),
        place: place(7),
        item: "".into(),
        recording: Recording::default(),
        bounded: Box::default(),
    }
}

/// A field; names no subject and has no instant.
pub fn field(id: &str) -> Stated {
    let fact = Fact::Field(Field {
        id: FieldId::from(id),
        categories: vec!["contact".into()],
        state: State::Identified,
        volunteered: false,
        strictly_needed: false,
        key: None,
    });
    stated(
        fact,
        format!(r#"{{"id":"{id}","categories":["contact"],"note":"kept"}}"#),
    )
}

/// A person.
pub fn subject(id: &str) -> Stated {
    let fact = Fact::Subject(Subject {
        id: SubjectId::from(id),
        born: None,
        died: None,
        arranged: false,
    });
    stated(fact, format!(r#"{{"id":"{id}"}}"#))
}

/// A retention period; has no identifier.
pub fn retention(field: &str) -> Stated {
    let fact = Fact::RetentionPeriod(RetentionPeriod {
        processor: ProcessorId::from("shop"),
        fields: vec![FieldId::from(field)],
        days: Some(30),
    });
    stated(
        fact,
        format!(r#"{{"processor":"shop","fields":["{field}"],"days":30}}"#),
    )
}

/// A notice to several people.
pub fn notice(id: &str, at: i64, subjects: &[&str]) -> Stated {
    let fact = Fact::Notice(Notice {
        id: FactId::from(id),
        processor: "shop".into(),
        kind: NoticeKind::Assignment,
        to: Some("bank".into()),
        policy: None,
        subjects: subjects.iter().map(|id| SubjectId::from(*id)).collect(),
        at: Instant::from_micros(at),
    });
    stated(fact, format!(r#"{{"id":"{id}","subjects":{subjects:?}}}"#))
}

/// An authorization of one person.
pub fn consent(id: &str, from: i64, subject: &str) -> Stated {
    let fact = Fact::Authorization(Authorization {
        id: FactId::from(id),
        basis: Basis::Consent,
        grade: Grade::Separate,
        given_by: Giver::Subject,
        subjects: vec![SubjectId::from(subject)],
        holders: vec!["shop".into()],
        acts: vec![ActKind::Share],
        recipients: vec!["bank".into()],
        fields: vec!["phone".into()],
        categories: vec![],
        purposes: vec!["delivery".into()],
        from: Instant::from_micros(from),
        until: None,
        withdrawn: None,
        condition_of: None,
        alternative: true,
        evidence: None,
        notice: None,
        service: None,
        citation: None,
        implied: false,
    });
    stated(fact, format!(r#"{{"id":"{id}","subject":"{subject}"}}"#))
}

/// A fact with the text of its item.
pub fn stated(fact: Fact, item: String) -> Stated {
    Stated {
        fact,
        place: place(3),
        item: item.into(),
        recording: Recording::default(),
        bounded: Box::default(),
    }
}

/// A few facts of every shape: with and without subjects, instants, identifiers, unknown keys.
pub fn mixed() -> Vec<Stated> {
    let mut odd = act("odd", 5_000, &["ann"]);
    odd.item = r#"{"id":"odd","ticket":17}"#.into();
    let mut derive = plain_act("derive", 6_000, &["ann", "bob", "ann"]);
    derive.kind = ActKind::Derive;
    derive.recipient = None;
    derive.makes = vec!["score".into()];
    derive.method = Some(Method::Deidentify);
    let mut collect = plain_act("collect", 1_000, &["bob"]);
    collect.kind = ActKind::Collect;
    collect.actor = "shop".into();
    collect.recipient = None;
    collect.source = Some("web".into());
    let mut store = plain_act("store", -4_000, &["ann", "ann"]);
    store.kind = ActKind::Store;
    store.recipient = None;
    store.location = Some("DE".into());
    vec![
        field("phone"),
        field("address"),
        subject("ann"),
        subject("bob"),
        retention("phone"),
        retention("address"),
        consent("c-1", 900, "ann"),
        notice("n-1", 2_000, &["ann", "bob", "eve"]),
        stated_act(collect),
        act("share-1", 3_000, &["ann"]),
        act("share-2", 2_500, &["ann", "bob"]),
        act("for-all", 2_600, &[]),
        stated_act(derive),
        stated_act(store),
        odd,
    ]
}

/// Records that speak of the record: a stated time, new versions, a new name, retractions.
pub fn changes() -> Vec<Stated> {
    let at = |micros| Some(RecordTime::At(Instant::from_micros(micros)));
    let corrects = |mut stated: Stated, id: &str, recorded| {
        stated.recording = Recording {
            recorded,
            corrects: Some(id.into()),
        };
        stated.item = format!(r#"{{"corrects":"{id}","of":{:?}}}"#, stated.fact.id()).into();
        stated
    };
    let mut dated = act("dated", 3_100, &["ann"]);
    dated.recording.recorded = at(9_000);
    let retraction = |section, id: &str, recorded| {
        let mut taken = stated(
            Fact::Retraction(Retraction {
                section,
                id: id.into(),
            }),
            format!(r#"{{"retracts":"{id}"}}"#),
        );
        taken.recording.recorded = recorded;
        taken
    };
    vec![
        dated,
        corrects(act("share-1", 3_050, &["bob"]), "share-1", at(9_500)),
        corrects(act("share-3", 2_500, &["eve"]), "share-2", None),
        corrects(consent("c-1", 901, "ann"), "c-1", at(-1)),
        retraction(Section::Events, "odd", at(9_700)),
        retraction(Section::Notices, "n-1", None),
        corrects(field("phone"), "phone", None),
    ]
}

/// Acts that stand or whose time is uncertain, and facts about cohorts and everyone.
pub fn spans() -> Vec<Stated> {
    let at = Instant::from_micros;
    let with = |id: &str, when: When, subjects: &[&str]| {
        let mut act = plain_act(id, 0, subjects);
        act.at = when;
        stated_act(act)
    };
    let until = |until| When::Standing {
        from: at(7_000),
        until,
    };
    let cohort = Fact::Cohort(Cohort {
        id: SubjectId::from("panel"),
        members: vec!["ann".into(), "bob".into()],
    });
    vec![
        with("nightly", until(Some(at(9_000))), &["ann"]),
        with("replica", until(None), &["everyone"]),
        with("sometime", When::between(at(-1), at(8_000)), &["panel", "eve"]),
        stated(cohort, r#"{"id":"panel","members":["ann","bob"]}"#.to_owned()),
        act("declared", 8_500, &["everyone", "ann"]),
    ]
}

/// An act that stands, of whose end the bounds are known.
pub fn ending() -> Vec<Stated> {
    let at = Instant::from_micros;
    let mut act = plain_act("ending", 0, &["ann"]);
    act.at = When::stretching((at(0), at(0)), Some((at(2_000), at(9_000))));
    vec![stated_act(act)]
}

/// Acts that stand, of whose beginning the bounds are known: without an end, with a known one and with bounds of it.
pub fn stretching() -> Vec<Stated> {
    let at = Instant::from_micros;
    let ends = [
        ("open", None),
        ("ended", Some((at(9_000), at(9_000)))),
        ("ending-too", Some((at(8_000), at(9_000)))),
    ];
    let of = |(id, until)| {
        let mut act = plain_act(id, 0, &["ann"]);
        act.at = When::stretching((at(-1), at(2_000)), until);
        stated_act(act)
    };
    ends.into_iter().map(of).collect()
}

/// Acts that put data right, set it apart and set it free again.
pub fn righted() -> Vec<Stated> {
    let by = |id: &str, kind: ActKind| Act {
        kind,
        recipient: None,
        purpose: None,
        safeguards: vec![],
        ..plain_act(id, 9_500, &["ann"])
    };
    vec![
        stated_act(Act {
            value: Some("address-2".into()),
            ..by("moved", ActKind::Correct)
        }),
        stated_act(by("apart", ActKind::Restrict)),
        stated_act(Act {
            lifts: true,
            ..by("free", ActKind::Restrict)
        }),
    ]
}

/// `count` acts about `subjects` people, numbered from `from`.
pub fn acts(from: usize, count: usize, subjects: usize) -> Vec<Stated> {
    (from..from + count)
        .map(|i| {
            let person = format!("person-{}", i * 7919 % subjects);
            let mut act = plain_act(
                &format!("event-{i}"),
                1_000_000 * i64::try_from(i).unwrap(),
                &[&person],
            );
            act.actor = format!("party-{}", i % 5).as_str().into();
            act.recipient = Some(format!("party-{}", i % 7).as_str().into());
            stated_act(act)
        })
        .collect()
}

/// Appends facts without a key.
pub fn append(ledger: &Ledger, facts: &[Stated]) -> Receipt {
    ledger.append(commit(facts)).unwrap()
}

/// A commit of these facts.
pub fn commit(facts: &[Stated]) -> NewCommit<'_> {
    NewCommit {
        facts,
        header: HEADER,
        recorded: Instant::from_micros(1_700_000_000_000_000),
        author: "tester",
        key: None,
    }
}

/// A temporary folder, in memory where the system has such a place: for tests that make many stores and in which
/// nothing depends on the disk.
pub fn fast_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::TempDir::new().unwrap())
}
